import ArgumentParsing
import Concurrency
import Gallery
import GalleryModel
import Network
import Wire

let duplicates = Verb(
    specification: CommandSpecification(
        "duplicates", abstract: "List pairs of subjects that look like one person, the most similar first.",
        discussion: """
            Compares every reference with every other and misses no pair; 1,000,000 references take minutes. For two
            subjects, their most similar references count. Prints the similarity, both subjects and both references.
            merge makes two subjects one.
            """,
        options: [
            Shared.gallery, Shared.minSimilarity,
            OptionSpecification(
                "--limit", value: "N", help: "Most pairs to list (default: 100000)."),
            OptionSpecification("--threads", value: "N", help: "Threads to use (default: one per core)."),
            Shared.json,
        ],
        example: "facegallery duplicates -g faces --min-similarity 0.95"),
    run: { arguments, console in
        let limit = try arguments.integer("--limit", in: 1...10_000_000) ?? 100_000
        let threads = try arguments.threads()
        let gallery = try FaceGallery(at: arguments.galleryPath(), readOnly: true)
        try gallery.requireCard()
        guard let least = try arguments.minSimilarity() ?? gallery.identificationThreshold() else {
            throw UsageError(
                "no threshold is known for \(gallery.settings.networkName); use --min-similarity",
                command: "duplicates")
        }
        let progress = ShareProgress(total: try gallery.statistics().references, noun: "references")
        let report = try gallery.duplicates(
            minSimilarity: least, limit: limit, threads: threads, progress: progress.advance)
        progress.clear()
        for pair in report.pairs {
            if console.json {
                try console.print(json: DuplicatePairRecord(pair))
            } else {
                let subjects = "\(printable(pair.first.subject))\t\(printable(pair.second.subject))"
                try console.print(
                    "\(fixed(pair.similarity))\t\(subjects)\t\(pair.first.reference)\t\(pair.second.reference)")
            }
        }
        console.note(
            "\(report.pairs.count) pair\(report.pairs.count == 1 ? "" : "s") of subjects at \(short(least)) or more "
                + "among \(report.references) references")
        if report.isCut {
            console.note(
                "there are more: these are the \(limit) most similar; raise --min-similarity or --limit")
        }
        return .done
    })

extension ParsedArguments {
    /// Threads that compute.
    func threads() throws(UsageError) -> Int {
        try integer("--threads", in: 1...256) ?? ProcessorCount.online
    }
}
