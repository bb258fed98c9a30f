import ArgumentParsing
import Gallery
import GalleryModel
import Network
import VectorIndex
import Wire

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
        "            at most \(loss.loss) of searches miss their best answer; measured: \(loss.measured), with "
            + "\(index.calibrationProbes) probes made of the gallery's templates")
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
            try console.print(json: StatisticsRecord(counts, of: gallery))
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
                "left over   \(counts.leftovers) by killed processes, \(counts.leftoverBytes) bytes; "
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

extension CheckReport.Remedy {
    /// What the user is to do.
    fileprivate func text(afterRepair: Bool) -> String {
        switch self {
        case .restore: "restore a snapshot: damaged pages cannot be repaired"
        case .repair: afterRepair ? "restore a snapshot: --repair cannot mend this" : "run check --repair"
        case .enrolAgain:
            "remove the references named above with 'remove --reference', and enrol their faces again"
        case .replaceNetwork: "copy the network's files back, from a snapshot or the network's directory"
        }
    }
}

let check = Verb(
    specification: CommandSpecification(
        "check", abstract: "Check that a gallery is complete and undamaged.",
        discussion:
            """
            Compares the store, the index and the network's files with their checksums and with each other. Exit code 1
            if something is wrong. With --repair, everything that can be derived is first built again.
            """,
        options: [
            Shared.gallery,
            OptionSpecification(
                "--repair", help: "First rebuild everything that can be derived, such as the index."),
            Shared.json,
        ],
        example: "facegallery check -g faces"),
    run: { arguments, console in
        let repairs = arguments.flag("--repair")
        let gallery = try FaceGallery(at: arguments.galleryPath(), readOnly: !repairs, tolerant: true)
        if repairs { try gallery.repair() }
        let report = try gallery.check()
        if console.json {
            try console.print(json: CheckRecord(report))
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
