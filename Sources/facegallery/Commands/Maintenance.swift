import ArgumentParsing
import Gallery
import GalleryModel
import Network
import VectorIndex

private struct StatisticsLine: Encodable {
    struct IndexLine: Encodable {
        var lists: Int
        var trained: Int
        var removed: Int
        var added: Int
        var parts: Int
        var bytes: Int
        var calibration: [IndexStatistics.CalibratedLoss]

        init(_ index: IndexStatistics) {
            (lists, trained) = (index.lists, index.trainedCount)
            (removed, added) = (index.tombstones, index.looseCount)
            (parts, bytes, calibration) = (index.parts, index.bytes, index.calibration)
        }
    }
    struct ChipsLine: Encodable {
        var count: Int
        var bytes: Int
    }
    struct MigrationLine: Encodable {
        var network: String
        var made: Int
        var bytes: Int
    }
    var subjects: Int
    var references: Int
    var dimension: Int
    var network: String
    var fingerprint: String
    var bytes: Int
    var leftovers: Int
    var leftoverBytes: Int
    /// A change of the network that is not finished.
    var migration: MigrationLine?
    /// Pictures of faces, where the gallery keeps them; their bytes are among `bytes`.
    var chips: ChipsLine?
    var threshold: Double?
    var thresholdFalseMatchRate: Double?
    /// The similarity from which a search names somebody.
    var identificationThreshold: Double?
    /// Where the gallery has an index of its own.
    var index: IndexLine?
}

/// Shows how a gallery is searched.
private func print(_ index: IndexStatistics, of counts: GalleryStatistics, on console: Console) throws {
    let search =
        index.lists == 0
        ? counts.references < VectorIndex.listsFrom
            ? "exact: every template is compared"
            : "no index yet: the first search, or the end of an enrolment, trains one"
        : "\(index.lists) lists trained on \(index.trainedCount) references"
    try console.print("search      \(search)")
    guard
        let loss = index.calibration.first(where: { $0.loss <= FaceGallery.Search.defaultMaxSearchLoss })
    else { return }
    try console.print(
        "            at most \(loss.loss) of best answers missed; \(loss.measured) measured on "
            + "\(index.calibrationProbes) probes of the gallery's own")
}

let stats = Verb(
    specification: CommandSpecification(
        "stats", abstract: "Show how large a gallery is and what it is made of.",
        options: [Shared.gallery, Shared.json], example: "facegallery stats -g faces"),
    run: { arguments, console in
        let gallery = try FaceGallery(at: arguments.galleryPath(), readOnly: true)
        let counts = try gallery.statistics()
        let settings = gallery.settings
        if console.json {
            try console.print(
                json: StatisticsLine(
                    subjects: counts.subjects, references: counts.references, dimension: settings.dimension,
                    network: settings.networkName, fingerprint: settings.networkFingerprint,
                    bytes: counts.bytes, leftovers: counts.leftovers, leftoverBytes: counts.leftoverBytes,
                    migration: counts.migration.map {
                        .init(network: $0.network, made: $0.made, bytes: $0.bytes)
                    },
                    chips: counts.chips.map { .init(count: $0.count, bytes: $0.bytes) },
                    threshold: gallery.verificationThreshold?.similarity,
                    thresholdFalseMatchRate: gallery.verificationThreshold?.falseMatchRate,
                    identificationThreshold: gallery.identificationThreshold,
                    index: counts.index.map(StatisticsLine.IndexLine.init)))
            return .done
        }
        try console.print("subjects    \(counts.subjects)")
        try console.print("references  \(counts.references)")
        try console.print("dimension   \(settings.dimension)")
        let isGiven = settings.networkName == FaceGallery.givenTemplates
        let fingerprint = isGiven ? "" : " (\(printable(String(settings.networkFingerprint.prefix(12)))))"
        try console.print("network     \(printable(settings.networkName))\(fingerprint)")
        try console.print("bytes       \(counts.bytes)")
        if let chips = counts.chips {
            try console.print("chips       \(chips.count) pictures of faces, \(chips.bytes) of these bytes")
        }
        if counts.leftovers > 0 {
            try console.print(
                "left over   \(counts.leftovers) of killed processes, \(counts.leftoverBytes) bytes; "
                    + "the next command that may write removes them")
        }
        if let migration = counts.migration {
            try console.print("migration   \(printable(migration.text)) ('migrate', 'migrate --abandon')")
        }
        if let index = counts.index { try print(index, of: counts, on: console) }
        if let threshold = gallery.verificationThreshold {
            try console.print(
                "verify      \(short(threshold.similarity)) gives a false match rate of \(threshold.falseMatchRate), "
                    + "measured on \(printable(threshold.measured))")
        }
        if let identification = gallery.card?.identification {
            try console.print(
                "identify    \(short(identification.similarity)) gives a false positive rate of "
                    + "\(identification.falsePositiveRate) among \(identification.enrolled) people, "
                    + "measured on \(printable(identification.measured))")
        }
        return .done
    })

private struct CheckLine: Encodable {
    var subjects: Int
    var references: Int
    var sound: Bool
    var problems: [String]
    var notes: [String]
    var remedies: [CheckReport.Remedy]
}

extension CheckReport.Remedy {
    /// What the user is to do.
    fileprivate func text(afterRepair: Bool) -> String {
        switch self {
        case .restore: "restore a snapshot, since nothing mends damaged pages"
        case .repair: afterRepair ? "restore a snapshot, since --repair cannot mend this" : "run check --repair"
        case .enrolAgain:
            "remove the references that are named, by remove --reference, and enrol their faces again"
        case .replaceNetwork: "put the files of the network back, from a snapshot or the network's directory"
        }
    }
}

let check = Verb(
    specification: CommandSpecification(
        "check", abstract: "Prove that store and index agree, and that neither is damaged.",
        discussion:
            "Exit code 1 where something is wrong. --repair rebuilds everything that is derived, then checks.",
        options: [
            Shared.gallery, OptionSpecification("--repair", help: "Rebuild what is derived first."),
            Shared.json,
        ],
        example: "facegallery check -g faces"),
    run: { arguments, console in
        let repairs = arguments.flag("--repair")
        let gallery = try FaceGallery(at: arguments.galleryPath(), readOnly: !repairs, tolerant: true)
        if repairs { try gallery.repair() }
        let report = try gallery.check()
        if console.json {
            try console.print(
                json: CheckLine(
                    subjects: report.subjects, references: report.references, sound: report.isSound,
                    problems: report.problems, notes: report.notes, remedies: report.remedies))
        } else {
            for note in report.notes { try console.print("note: \(printable(note))") }
            for problem in report.problems { try console.print("problem: \(printable(problem))") }
            let remedies = report.remedies.map { $0.text(afterRepair: repairs) }
            let verdict =
                report.isSound
                ? "sound"
                : "\(report.problems.count) \(report.problems.count == 1 ? "problem" : "problems"); "
                    + remedies.joined(separator: "; ")
            try console.print("\(report.subjects) subjects, \(report.references) references: \(verdict)")
        }
        return report.isSound ? .done : .failed
    })
