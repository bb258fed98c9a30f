import Concurrency
import FaceImage
import PhotoManifest

/// Where the photos of an enrolment come from, one after the other: folders and files, or a manifest.
struct PhotoSupply {
    private enum Origin {
        case walk(PhotoWalk)
        case manifest(ManifestReader, folder: String)
        case items(ArraySlice<PhotoItem>)
    }

    private var origin: Origin
    private let stop: any StopSignal
    /// Whether the photos cannot be had a second time, as the rows of a pipe cannot.
    let comesOnce: Bool
    /// Until when rows of a pipe are taken after the user has asked to stop.
    private var lastCall: ContinuousClock.Instant?

    /// - Throws: `EnrollmentError`, `ManifestError`.
    init(_ photos: PhotoOrigin, stop: any StopSignal) throws {
        self.stop = stop
        comesOnce = photos.comesOnce
        switch photos {
        case .paths(let paths, let patterns): origin = .walk(try PhotoWalk(paths, excluding: patterns))
        case .manifest(let path):
            let reader = try ManifestReader(path, shouldStop: { stop.isRequested })
            origin = .manifest(reader, folder: PhotoOrigin.folder(of: path))
        case .items(let items): origin = .items(items[...])
        }
    }

    /// The next photo; nil at the end.
    ///
    /// - Throws: where no later row of a manifest can be told.
    mutating func next() throws(ManifestError) -> PhotoItem? { try next(before: nil) }

    /// The next photo, if it comes before a moment, and before the user asks to stop.
    ///
    /// What has come through a pipe is lost if it is not taken: after the user has asked to stop, rows that are there
    /// are taken for a second more.
    mutating func supply(
        before moment: ContinuousClock.Instant
    ) throws(ManifestError) -> OrderedWork<PhotoItem, [WorkedPhoto]>.Supplied {
        let isStopping = stop.isRequested
        if isStopping {
            let end = lastCall ?? .now + .seconds(1)
            lastCall = end
            guard comesOnce, .now < end else { return .ended }
        }
        do throws(ManifestError) {
            guard let item = try next(before: isStopping ? .now : moment) else { return .ended }
            return .input(item)
        } catch {
            switch error {
            case .notYet: return isStopping ? .ended : .nothingYet
            // What came in this moment is taken by the next call.
            case .stopped: return comesOnce ? .nothingYet : .ended
            default: throw error
            }
        }
    }

    private mutating func next(before moment: ContinuousClock.Instant?) throws(ManifestError) -> PhotoItem? {
        switch origin {
        case .walk(var walk):
            // Written back after each step; taken out first, so that its names are not copied.
            origin = .walk(Self.nothing)
            defer { origin = .walk(walk) }
            return walk.next()
        case .manifest(var reader, let folder):
            defer { origin = .manifest(reader, folder: folder) }
            return try reader.next(before: moment).map { Self.item($0, in: folder) }
        case .items(var items):
            defer { origin = .items(items) }
            return items.popFirst()
        }
    }

    /// What was left out of folders so far.
    var passedOver: PassedOver {
        if case .walk(let walk) = origin { walk.passedOver } else { PassedOver() }
    }

    private static let nothing: PhotoWalk = {
        guard let walk = try? PhotoWalk([]) else { preconditionFailure("a walk of no paths reads nothing") }
        return walk
    }()

    private static func item(_ row: ManifestRow, in folder: String) -> PhotoItem {
        switch row.content {
        case .unusable(let reason):
            PhotoItem(path: "", subject: "", isNamed: false, problem: reason, line: row.line)
        case .photo(let path, let subject, let metadata):
            PhotoItem(
                // A file may be called -, which elsewhere stands for standard input.
                path: path.hasPrefix("/") ? path : folder.isEmpty && path == "-" ? "./-" : folder + path,
                subject: subject, isNamed: false, line: row.line, metadata: metadata)
        }
    }
}
