import ArgumentParsing
import Enrollment

extension EnrollmentSettings {
    private static let photoOptions = [
        OptionSpecification(
            "--on-change", value: "RULE", completion: .choice(of: ChangePolicy.self),
            help: "A changed photo under an old path: replace (default), add or skip."),
        OptionSpecification(
            "--read-again", help: "Read every photo, also where size and time say that it has not changed."),
        OptionSpecification(
            "--shared-photos",
            help: "Enrol a photo even if the same file is enrolled for another subject."),
        OptionSpecification(
            "--duplicates", value: "RULE", completion: .choice(of: TwinPolicy.self),
            help: "A face that looks like another subject's: allow (default), report or refuse."),
        OptionSpecification(
            "--min-similarity", value: "S",
            help: "Cosine from which a face looks like another subject's (default: the network's)."),
        Shared.largestFace,
    ]
    static let options =
        photoOptions + [
            OptionSpecification("--dry-run", help: "Do everything except writing."),
            OptionSpecification(
                "--rejects", value: "X.jsonl",
                help: "File for the list of refused photos or templates, with reasons."),
        ]

    /// Refuses options that mean nothing for given templates.
    static func requireNoneForPhotos(_ arguments: ParsedArguments) throws(UsageError) {
        for option in photoOptions + QualityGate.options + [
            Shared.detector, Shared.anyRotation, Shared.exclude,
        ] {
            let name = option.canonicalName
            let isGiven = option.valueName == nil ? arguments.flag(name) : arguments.value(name) != nil
            guard isGiven else { continue }
            throw UsageError(
                "\(name) is only for photos: leave it out with --embeddings", command: arguments.command.name)
        }
    }

    init(_ arguments: ParsedArguments) throws(UsageError) {
        self.init()
        subject = arguments.value("--subject")
        takesLargestFace = arguments.flag("--largest-face")
        onChange = try arguments.choice("--on-change", as: ChangePolicy.self) ?? .replace
        twins = try arguments.choice("--duplicates", as: TwinPolicy.self) ?? .allow
        minSimilarity = try arguments.minSimilarity()
        allowsSharedPhotos = arguments.flag("--shared-photos")
        isDryRun = arguments.flag("--dry-run")
        readsAgain = arguments.flag("--read-again")
        jobs = try arguments.jobs()
        guard minSimilarity == nil || twins != .allow else {
            throw UsageError(
                "--min-similarity needs --duplicates report or --duplicates refuse",
                command: arguments.command.name)
        }
    }
}
