import ArgumentParsing
import Gallery
import GalleryModel
import Network
import Wire

let audit = Verb(
    specification: CommandSpecification(
        "audit",
        abstract: "List references that may be wrong or useless, for a person to look at.",
        discussion: """
            Prints a reason, the measured value and its limit, the reference, its subject and source. Nothing is
            removed. Reasons:
            like_everybody, like_nobody: its cosine with the mean of all references is more than six deviations above,
            or below, the median;
            far_from_own: its best cosine with another reference of its subject is more than four deviations below the
            median;
            hub: with --min-similarity or more, it resembles more other subjects than --max-likenesses.
            A deviation is 1.4826 times the median distance from the median, and at least 0.01.
            """,
        options: [
            Shared.gallery,
            OptionSpecification(
                "--min-similarity", value: "S",
                help:
                    "Two references resemble each other from this cosine on (default: the network's threshold)."
            ),
            OptionSpecification(
                "--max-likenesses", value: "N",
                help:
                    "How many other subjects a reference may resemble (default: 10, or ten times the average)."),
            OptionSpecification("--threads", value: "N", help: "Threads to use (default: one per core)."),
            Shared.json,
        ],
        example: "facegallery audit -g faces --min-similarity 0.95"),
    run: { arguments, console in
        var search = AuditSearch()
        search.minSimilarity = try arguments.minSimilarity().map { Float($0) }
        search.mostLikenesses = try arguments.integer("--max-likenesses", in: 1...Int.max)
        search.threads = try arguments.threads()
        let gallery = try FaceGallery(at: arguments.galleryPath(), readOnly: true)
        try gallery.requireCard()
        if search.minSimilarity == nil, try gallery.identificationThreshold() == nil {
            console.note(
                "no threshold is known for \(printable(gallery.settings.networkName)), so hubs are not looked for; "
                    + "give --min-similarity")
        }
        let progress = ShareProgress(total: try gallery.statistics().references, noun: "references")
        search.progress = progress.advance
        let report = try gallery.audit(search)
        progress.clear()
        for finding in report.findings {
            if console.json {
                try console.print(json: AuditFindingRecord(finding))
            } else {
                let (value, limit) = (short(finding.value), short(finding.limit))
                let what = "\(printable(finding.subject))\t\(printable(finding.source))"
                try console.print(
                    "\(finding.reason.rawValue)\t\(value)\t\(limit)\t\(finding.reference)\t\(what)")
            }
        }
        let count = report.findings.count
        console.note("\(count) finding\(count == 1 ? "" : "s") among \(report.references) references")
        return .done
    })
