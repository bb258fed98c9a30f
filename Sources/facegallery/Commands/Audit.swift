import ArgumentParsing
import Gallery
import GalleryModel
import Network
import Wire

let audit = Verb(
    specification: CommandSpecification(
        "audit",
        abstract: "List references that look like nobody's, like everybody's, or like somebody else's.",
        discussion: """
            Prints a reason, what was measured and its limit, the reference, its subject and source. Reasons:
            like_everybody and like_nobody: its cosine with the mean of all lies over six deviations from the median;
            far_from_own: its best cosine with another reference of its subject lies over four deviations below the
            median; hub: it looks like one person with more other subjects than --max-likenesses, from
            --min-similarity on. Deviations are taken from medians, and at least 0.01. Findings are for people to look
            at; nothing is removed.
            """,
        options: [
            Shared.gallery,
            OptionSpecification(
                "--min-similarity", value: "S",
                help: "Cosine from which two look like one person (default: the network's; none, no hubs)."),
            OptionSpecification(
                "--max-likenesses", value: "N",
                help: "Other subjects it may look like (default: 10, or ten times the average)."),
            OptionSpecification("--threads", value: "N", help: "Threads that compare (default: all cores)."),
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
        if search.minSimilarity == nil, gallery.identificationThreshold == nil {
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
