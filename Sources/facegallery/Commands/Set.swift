import ArgumentParsing
import Gallery
import GalleryModel
import Wire

let set = Verb(
    specification: CommandSpecification(
        "set", abstract: "Store in a gallery how it decides: its threshold, margin and review limit.",
        discussion: """
            What is set counts for identify, duplicates, audit and enroll --duplicates, unless an option says otherwise.
            threshold: a face gets the name of the most similar subject from this cosine on. margin: if a second subject
            is that close behind the first, the answer is ambiguous. review: below the threshold, but from this cosine on,
            the decision is review: a person should look. The word default forgets what was set. A change of the
            gallery's network forgets everything, because similarities of two networks do not compare.
            """,
        positionals: [
            PositionalSpecification(
                "what", .one, completion: .choice(of: DecisionSettings.Part.self),
                help: "threshold, margin or review."),
            PositionalSpecification(
                "value", .one, completion: .nothing, help: "A number, or default to forget what was set."),
        ],
        options: [Shared.gallery, Shared.json],
        example: """
            facegallery set -g faces threshold 0.5
            facegallery set -g faces review default
            """),
    run: { arguments, console in
        let (what, text) = (arguments.positionals[0], arguments.positionals[1])
        guard let part = DecisionSettings.Part(rawValue: what) else {
            throw UsageError("'\(what)' cannot be set; use threshold, margin or review", command: "set")
        }
        var value: Double?
        if text != "default" {
            guard let number = Double(text), part.range.contains(number) else {
                throw UsageError(
                    "\(what) must be a number from \(whole(part.range.lowerBound)) to "
                        + "\(whole(part.range.upperBound)), or default, not '\(text)'", command: "set")
            }
            value = number
        }
        let gallery = try FaceGallery(at: arguments.galleryPath())
        try gallery.set(part, to: value)
        if console.json { try console.print(json: DecisionSettingsRecord(gallery.decisionSettings())) }
        console.note(value.map { "\(what) is \(short($0)) now" } ?? "\(what) is the default now")
        return .done
    })
