import Album
import ArgumentParsing
import Concurrency
import Enrollment
import FaceImage
import Gallery
import GalleryModel
import Wire

/// Finds out who is on photos: reads them on several threads, and hands on what is found in the order of the photos.
struct PhotoIdentification {
    /// Options that say which photos are looked at, and how.
    static let options = [
        Shared.minSimilarity,
        OptionSpecification(
            "--target-fpir", value: "P",
            help:
                "Share of searches for strangers that may name somebody: the threshold follows from 'calibrate'."
        ),
        OptionSpecification(
            "--min-margin", value: "D",
            help:
                "How much more similar the first subject must be than the second (default: a tenth of the way from the "
                + "threshold to 1, at most 0.05)."),
        OptionSpecification(
            "--review", value: "S",
            help: "Below the threshold, but from this cosine on, the decision is review (default: none)."),
        Shared.fusion,
        OptionSpecification(
            "--exact", help: "Compare every template: misses nothing, but takes much longer."),
        OptionSpecification(
            "--max-search-loss", value: "L",
            help: "Share of searches that may miss their best answer, 0 to 0.5 (default: 0.001)."),
    ]
    static let photoOptions = [
        Shared.detector, Shared.anyRotation, Shared.exclude, Shared.maxBytes, Shared.maxPixels,
        Shared.maxSeconds, Shared.jobs, Shared.cache, Shared.json,
    ]

    /// A photo with its faces, as it comes from the threads.
    private struct Read {
        let width: Int
        let height: Int
        /// From left to right.
        let faces: [(encoded: EncodedFace, picture: KeptFace?)]
    }

    let gallery: FaceGallery
    let encoder: PhotoEncoder
    let search: FaceGallery.Search
    let console: Console
    let jobs: Int
    /// Whether each face comes with its picture and its template.
    var keepsPictures = false
    private(set) var summary = IdentificationSummary()
    private var failure: ExitCode?

    init(
        _ gallery: FaceGallery, _ arguments: ParsedArguments, _ search: FaceGallery.Search, _ console: Console
    ) throws {
        (self.gallery, self.search, self.console) = (gallery, search, console)
        jobs = try arguments.jobs()
        encoder = try PhotoEncoder(of: gallery, limits: arguments.limits(), finding: arguments.finding())
    }

    /// Looks at all photos.
    ///
    /// - Parameters:
    ///   - answer: gets each answer, with what reads the metadata of its candidates.
    ///   - photo: gets each photo with all its answers.
    ///   - failed: gets each photo without an answer.
    mutating func run(
        _ photos: [PhotoItem],
        answer: (PhotoItem, Face, Answer, CandidateMetadata, (width: Int, height: Int), [WarningRecord]?) throws
            -> Void = { _, _, _, _, _, _ in },
        photo: (IdentifiedPhoto) throws -> Void,
        failed: (PhotoItem, GalleryError) throws -> Void
    ) throws {
        let (encoder, keepsPictures, console) = (encoder, keepsPictures, console)
        try inOrder(photos, width: jobs) { item in
            Result { () throws(GalleryError) in try Self.read(item, encoder, keepsPictures) }
        } deliver: { item, result in
            summary.photos += 1
            let read: Read
            do throws(GalleryError) { read = try result.get() } catch {
                console.note("error: \(printable(Advice.line(error)))")
                if item.isNamed { failure = failure ?? ExitCode(error) }
                summary.failed += 1
                return try failed(item, error)
            }
            let warnings = read.faces.map {
                WarningRecord.tell($0.encoded.face, of: item.path, encoder, console)
            }
            var faces: [IdentifiedFace] = []
            try gallery.identify(probes: read.faces.flatMap(\.encoded.template), search) {
                place, found, metadata in
                let (encoded, picture) = read.faces[place]
                summary.add(found.decision)
                try answer(
                    item, encoded.face, found, metadata, (read.width, read.height), warnings[place])
                faces.append(
                    IdentifiedFace(
                        encoded.face, found, picture: picture?.jpeg,
                        template: keepsPictures ? encoded.template : []))
            }
            try photo(IdentifiedPhoto(path: item.path, width: read.width, height: read.height, faces: faces))
        }
    }

    private static func read(
        _ item: PhotoItem, _ encoder: PhotoEncoder, _ keepsPictures: Bool
    ) throws(GalleryError) -> Read {
        let found = try encoder.photoFaces(in: encoder.read(item), keepsPictures: keepsPictures)
        let encoded = try encoder.encode(found.faces)
        let faces = encoded.enumerated().map { place, face in
            (encoded: face, picture: keepsPictures ? found.pictures[place] : nil)
        }
        return Read(
            width: found.width, height: found.height,
            faces: faces.sorted { one, other in
                let (left, right) = (one.encoded.face.box, other.encoded.face.box)
                return (left.x, left.y) < (right.x, right.y)
            })
    }

    /// Says what came of all photos, where there were several.
    func tellSummary() throws {
        guard summary.photos > 1 else { return }
        console.note(summary.text)
        if let sentence = try strangerSentence() { console.note(sentence) }
    }

    /// How often strangers get a name, where that is known for the threshold that was used.
    func strangerSentence() throws -> String? {
        guard search.minSimilarity == nil, let rate = try gallery.strangerRate() else { return nil }
        return "in a gallery of this size, of \(StrangerText.sentence(rate.expected))"
    }

    /// The exit code of the run: that of the first named photo that failed; 65 where all failed.
    var exitCode: ExitCode { failure ?? (summary.failed == summary.photos ? .badData : .done) }
}
