import ArgumentParsing
import Gallery
import GalleryModel
import Glibc
import VectorIndex
import Wire

let stats = Verb(
    specification: CommandSpecification(
        "stats", abstract: "Show how large a gallery is, what it is made of and how it decides.",
        options: [Shared.gallery, Shared.json], example: "facegallery stats -g faces"),
    run: { arguments, console in
        let gallery = try FaceGallery(at: arguments.galleryPath(), readOnly: true)
        let counts = try gallery.statistics()
        if console.json {
            try console.print(json: StatisticsRecord(counts, of: gallery))
            return .done
        }
        for (name, text) in try StatisticsText(counts, of: gallery).lines {
            let padding = String(repeating: " ", count: max(1, 12 - name.count))
            try console.print(name + padding + text)
        }
        return .done
    })

/// What `stats` says to people: rounded, and in words.
private struct StatisticsText {
    private(set) var lines: [(name: String, text: String)] = []

    init(_ counts: GalleryStatistics, of gallery: FaceGallery) throws {
        let settings = gallery.settings
        add("subjects", "\(counts.subjects)")
        add("references", "\(counts.references)")
        if let changed = counts.changed { add("changed", LocalTime.text(of: changed)) }
        let isGiven = settings.networkName == FaceGallery.givenTemplates
        let fingerprint = isGiven ? "" : " (\(printable(String(settings.networkFingerprint.prefix(12)))))"
        add("network", printable(settings.networkName) + fingerprint)
        add("dimension", "\(settings.dimension)")
        add("format", "\(counts.format)")
        add("disk", "\(Self.bytes(counts.bytes)) (\(counts.bytes) bytes)")
        if let chips = counts.chips {
            add("chips", "\(chips.count) pictures of faces, \(Self.bytes(chips.bytes)) of that")
        }
        if counts.leftovers > 0 {
            add(
                "left over",
                "\(counts.leftovers) by killed processes, \(counts.leftoverBytes) bytes; "
                    + "the next command that may write removes them")
        }
        if let migration = counts.migration {
            add("migration", "\(printable(migration.text)) ('migrate', 'migrate --abandon')")
        }
        if let index = counts.index { addSearch(index, counts) }
        try addDecision(gallery)
    }

    private mutating func add(_ name: String, _ text: String) { lines.append((name, text)) }

    private mutating func addSearch(_ index: IndexStatistics, _ counts: GalleryStatistics) {
        guard index.lists > 0 else {
            add(
                "search",
                counts.references < VectorIndex.listsFrom
                    ? "exact: every template is compared"
                    : "no index yet: the first search, or the end of an enrolment, trains one")
            return
        }
        add("search", "\(index.lists) lists trained on \(index.trainedCount) references")
        if counts.unsaved > 0 {
            add(
                "unsaved",
                "\(counts.unsaved) references are not in the saved index; each process adds them anew")
        }
        let asked = FaceGallery.Search.defaultMaxSearchLoss
        if let loss = index.calibration.first(where: { $0.loss <= asked }) {
            add(
                "",
                "at most \(Self.share(loss.loss)) of searches miss their best answer; measured: "
                    + "\(Self.share(loss.measured)), with \(index.calibrationProbes) probes made of the templates"
            )
        }
    }

    private mutating func addDecision(_ gallery: FaceGallery) throws {
        let own = try gallery.decisionSettings()
        if let threshold = gallery.verificationThreshold {
            add(
                "verify",
                "two photos match from a similarity of \(Self.similarity(threshold.similarity)): "
                    + "\(Self.share(threshold.falseMatchRate)) of pairs of strangers reach it, measured on "
                    + printable(threshold.measured))
        }
        guard let threshold = try gallery.identificationThreshold() else {
            add("identify", "no threshold is known: give --min-similarity, or use 'set'")
            return
        }
        add(
            "identify",
            "a face gets a name from a similarity of \(Self.similarity(threshold))"
                + (own.threshold == nil ? "" : ", as it was set"))
        if let rate = try gallery.strangerRate() { add("", Self.text(rate)) }
        try addCalibration(gallery)
        if let margin = own.margin {
            add("margin", "a name must lead the next one by \(Self.similarity(margin)), as it was set")
        }
        if let review = own.review {
            add("review", "a person should look at faces from \(Self.similarity(review)) on, as it was set")
        }
    }

    private mutating func addCalibration(_ gallery: FaceGallery) throws {
        guard let found = try gallery.calibration() else { return }
        let references = try gallery.size().references
        let fingerprint = gallery.settings.networkFingerprint
        let record = try CalibrationRecord(found, references: references, fingerprint: fingerprint)
        add(
            "calibrated",
            "\(LocalTime.text(of: found.measured)) on \(record.scores) searches among \(record.references) references: "
                + "\(Self.share(record.targetFPIR)) of strangers reach \(Self.similarity(record.threshold)) "
                + "(95 %: \(Self.similarity(record.thresholdLow)) to \(Self.similarity(record.thresholdHigh)))")
        if let outdated = record.outdated { add("", "outdated: \(outdated); run calibrate again") }
    }

    static func text(_ rate: StrangerRate) -> String {
        "of \(strangers(rate.expected)) (measured: \(share(rate.measured)) among \(StrangerText.grouped(rate.among)) people, on \(printable(rate.on)))"
    }

    /// "100 strangers, about 3 would get a name": in numbers that can be pictured.
    private static func strangers(_ rate: Double) -> String { StrangerText.sentence(rate) }

    /// A share of one as a percentage with two digits.
    private static func share(_ share: Double) -> String { StrangerText.percent(share) }

    private static func similarity(_ cosine: Double) -> String { short(cosine) }

    private static func bytes(_ count: Int) -> String {
        var (value, unit) = (Double(count), 0)
        let units = ["bytes", "kB", "MB", "GB", "TB"]
        while value >= 1000, unit + 1 < units.count { (value, unit) = (value / 1000, unit + 1) }
        let rounded = value < 10 && unit > 0 ? "\((value * 10).rounded() / 10)" : "\(Int(value.rounded()))"
        return "\(rounded) \(units[unit])"
    }
}

/// Rates in words.
enum StrangerText {
    /// How many of a round number of strangers would get a name.
    static func sentence(_ rate: Double) -> String {
        if rate >= 0.995 { return "100 strangers, nearly all would get a name" }
        // So many that at least one is expected.
        var strangers = 100
        while rate * Double(strangers) < 0.95, strangers < 1_000_000_000 { strangers *= 10 }
        let named = (rate * Double(strangers)).rounded()
        return named < 1
            ? "\(grouped(strangers)) strangers, none would get a name"
            : "\(grouped(strangers)) strangers, about \(Int(named)) would get a name"
    }

    /// A number with commas between groups of three digits.
    static func grouped(_ number: Int) -> String {
        let digits = Array("\(number)")
        return digits.indices.reduce(into: "") { text, place in
            if place > 0, (digits.count - place).isMultiple(of: 3) { text += "," }
            text.append(digits[place])
        }
    }

    /// A share of one as a percentage with two digits.
    static func percent(_ share: Double) -> String {
        let percent = share * 100
        guard percent > 0, percent < 100 else { return "\(Int(percent)) %" }
        let scale = pow(10, (1 - floor(log10(percent))))
        let rounded = (percent * scale).rounded() / scale
        return rounded >= 10 ? "\(Int(rounded)) %" : "\(rounded) %"
    }
}
