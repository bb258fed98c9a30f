package import FaceImage
internal import Glibc
internal import Network

/// The photos of people to learn from: one folder with one subfolder per person.
///
/// A value; safe to share between threads.
public struct TrainingPhotos: Sendable, Equatable {
    /// Someone with photos.
    public struct Person: Sendable, Equatable {
        /// The subfolder's name.
        public var name: String
        /// Paths of the photos, sorted; never empty.
        public var photos: [String]

        /// A person from their photos.
        public init(name: String, photos: [String]) {
            self.name = name
            self.photos = photos
        }
    }

    /// Something that could not be read, and why.
    public struct Problem: Sendable, Equatable {
        /// Its path.
        public var path: String
        /// What is wrong with it, without the path.
        public var reason: String
    }

    /// The folder, as it was given.
    public let folder: String
    /// Everybody with at least one photo, sorted by name.
    public let people: [Person]
    /// Folders that could not be read and names that are not UTF-8; each costs itself alone.
    public let problems: [Problem]
    /// What else of the folder was left out.
    package let passedOver: PassedOver

    /// All photos of all people.
    public var count: Int { people.reduce(0) { $0 + $1.photos.count } }

    /// Lists the photos of a folder with one subfolder per person.
    ///
    /// All photos below `Ada/`, however deep, are of Ada. Files that are no photos, hidden ones and folders that
    /// systems make are left out, as are photos beside the subfolders; a folder is entered once, whatever links lead
    /// to it.
    ///
    /// - Parameters:
    ///   - folder: its path.
    ///   - patterns: shell patterns for names and paths within `folder` that are left out, too.
    /// - Throws: `unreadableFolder`, `tooFewPeople`, `nobodyTwice`.
    public init(folder: String, excluding patterns: [String] = []) throws(TrainingError) {
        var walk = PhotoWalk(excluding: patterns)
        people = try walk.people(in: folder)
        problems = walk.problems
        passedOver = walk.passedOver
        self.folder = folder
        guard people.count >= 2 else {
            throw .tooFewPeople(folder: folder, people: people.count, leftOut: passedOver.text)
        }
        guard people.contains(where: { $0.photos.count >= 2 }) else { throw .nobodyTwice(folder: folder) }
    }

    init(folder: String, people: [Person]) {
        self.folder = folder
        self.people = people
        problems = []
        passedOver = PassedOver()
    }

    /// The people in two parts, drawn from `seed` and the names alone.
    ///
    /// Nobody is in both parts. Where two or more people have two photos, each part has one of them; a person
    /// without company goes to training. A share of 0 leaves validation empty, and any other gives it at least
    /// one person, two where there are four.
    ///
    /// - Parameters:
    ///   - validationShare: of the people, 0…0.9.
    ///   - seed: the same one gives the same parts.
    /// - Throws: `badArgument`.
    public func split(
        validationShare: Double, seed: UInt64
    ) throws(TrainingError) -> (training: TrainingPhotos, validation: TrainingPhotos) {
        guard 0...0.9 ~= validationShare else {
            throw .badArgument(
                name: "the share for validation", reason: "is \(validationShare), outside 0...0.9")
        }
        guard validationShare > 0, people.count > 1 else {
            return (self, TrainingPhotos(folder: folder, people: []))
        }
        var random = SeededNumbers(seed: seed, stream: Streams.split)
        var order = people.indices.shuffled(using: &random)
        let least = people.count >= 4 ? 2 : 1
        let wanted = Int((Double(people.count) * validationShare).rounded())
        let size = min(max(wanted, least), people.count - 1)
        let hasPair = { (person: Int) in people[person].photos.count >= 2 }
        // Whichever part has nobody with a pair swaps its first person for one of the other part's.
        let pairs = order.filter(hasPair).count
        if !order[size...].contains(where: hasPair) || (pairs > 1 && !order[..<size].contains(where: hasPair)) {
            let inValidation = order[..<size].firstIndex(where: hasPair)
            let inTraining = order[size...].firstIndex(where: hasPair)
            order.swapAt(inValidation ?? 0, inTraining ?? size)
        }
        let part = { (chosen: ArraySlice<Int>) in
            TrainingPhotos(folder: folder, people: chosen.sorted().map { people[$0] })
        }
        return (part(order[size...]), part(order[..<size]))
    }

    /// What tells this set of photos from others: SHA-256 over the relative paths and sizes, in hexadecimal.
    ///
    /// Reads each file's size; O(photos).
    public var fingerprint: String {
        var bytes: [UInt8] = []
        for person in people {
            for photo in person.photos {
                var status = stat()
                let size = unsafe stat(photo, &status) == 0 ? Int(status.st_size) : -1
                bytes += photo.dropFirst(photo.hasPrefix(folder) ? folder.count : 0).drop { $0 == "/" }.utf8
                bytes += "\0\(size)\0".utf8
            }
        }
        return SHA256.hex(of: bytes)
    }
}

/// What random numbers of one seed are drawn for; training's other parts keep to numbers of their own.
enum Streams {
    static let split: UInt64 = 0x1000
    static let batches: UInt64 = 0x2000
    static let augmentation: UInt64 = 0x3000
}
