internal import FaceImage
internal import Network

/// The chips of all photos of some people, in memory.
///
/// All chips lie one after the other in one allocation: 3 · side² bytes a photo, 37 KB at side 112, 240 MB for
/// 6,373 photos. A value that shares them; safe to share between threads.
public struct Chips: Sendable {
    /// Pixels across and down of a chip.
    public let side: Int
    /// The class of each chip: 0..<`names.count`, everybody with a chip counted in the order of names.
    public let people: [Int]
    /// The name of each class.
    public let names: [String]
    /// The photo of each chip.
    public let paths: [String]
    /// Photos that gave no chip, and why; in the order of the photos.
    public let unreadable: [TrainingPhotos.Problem]
    /// How many chips came from the cache.
    public let cached: Int
    /// Why the cache could not keep chips, from where on it was not asked any more; nil if it kept all.
    public let cacheProblem: TrainingError?

    private let arena: ChipArena
    private let places: [Int]

    /// How many there are.
    public var count: Int { people.count }

    /// How far the work is.
    public struct Progress: Sendable {
        /// Photos that are done, with or without a chip.
        public var done: Int
        /// All photos.
        public var total: Int
        /// Photos among `done` that gave no chip.
        public var unreadable: Int
    }

    /// Cuts the chips of all photos, or takes them from a cache.
    ///
    /// The order of the chips is that of the photos, however many threads work.
    ///
    /// - Parameters:
    ///   - photos: the people and their photos.
    ///   - source: what cuts a chip from a photo.
    ///   - jobs: threads that decode and search, 1…256.
    ///   - cache: where chips are kept for later runs; a cache that fails is reported in `cacheProblem` and costs no
    ///     chip.
    ///   - progress: called on the calling thread after every few photos; false ends the work.
    /// - Throws: `badArgument`, `tooManyChips`, `noThread`, `cancelled`.
    public init(
        _ photos: TrainingPhotos, source: ChipSource, jobs: Int, cache: ChipCache? = nil,
        progress: (Progress) -> Bool = { _ in true }
    ) throws(TrainingError) {
        guard 1...256 ~= jobs else {
            throw .badArgument(name: "the number of jobs", reason: "is \(jobs), outside 1...256")
        }
        let all = photos.people.flatMap(\.photos)
        arena = try ChipArena(count: all.count, size: 3 * source.side * source.side)
        side = source.side
        var filling = ChipFilling(photos: all, source: source, arena: arena, cache: cache)
        try filling.run(jobs: jobs, progress: progress)
        cached = filling.cached
        cacheProblem = filling.cacheProblem
        var (people, names, places, unreadable) = ([Int](), [String](), [Int](), [TrainingPhotos.Problem]())
        var place = 0
        for person in photos.people {
            let before = places.count
            for photo in person.photos {
                if let reason = filling.reason(place) {
                    unreadable.append(TrainingPhotos.Problem(path: photo, reason: reason))
                } else {
                    people.append(names.count)
                    places.append(place)
                }
                place += 1
            }
            if places.count > before { names.append(person.name) }
        }
        paths = places.map { all[$0] }
        (self.people, self.names, self.places, self.unreadable) = (people, names, places, unreadable)
    }

    /// Lends the bytes of a chip: red, green and blue of every pixel, row by row, 3 · side² of them.
    ///
    /// - Precondition: `index` is in 0..<`count`.
    public func withChip<Result>(_ index: Int, _ body: (Span<UInt8>) -> Result) -> Result {
        let bytes = unsafe arena.bytes(places[index])
        return body(unsafe Span(_unsafeElements: bytes))
    }

    /// SHA-256 of the bytes of every chip; O(bytes).
    var digests: [[UInt8]] { (0..<count).map { SHA256.digest(of: chip($0)) } }

    /// SHA-256 over the class of every chip and its digest.
    func digest(_ chips: [[UInt8]]) -> [UInt8] {
        var digests: [UInt8] = []
        for (index, chip) in chips.enumerated() {
            digests += SHA256.digest(of: Array(names[people[index]].utf8)) + chip
        }
        return SHA256.digest(of: digests)
    }

    /// A copy of a chip's bytes; see `withChip`.
    public func chip(_ index: Int) -> [UInt8] { unsafe Array(arena.bytes(places[index])) }
}
