internal import Concurrency
internal import FaceImage

/// One pass over photos that fills an arena with their chips.
struct ChipFilling {
    private struct Work: Sendable {
        var next = 0
        var finished: [(place: Int, outcome: Outcome)] = []
        var isOver = false
    }

    private enum Outcome: Sendable {
        case pending, chip, noFace
        case unreadable(String)
    }

    /// Bytes that are kept at once: few enough to lose, enough to make a commit cheap.
    private static let commitSize = 16 << 20

    private let photos: [String]
    private let source: ChipSource
    private let arena: ChipArena
    private let cache: ChipCache?
    private var outcomes: [Outcome]
    private(set) var cached = 0
    private(set) var cacheProblem: TrainingError?

    init(photos: [String], source: ChipSource, arena: ChipArena, cache: ChipCache?) {
        self.photos = photos
        self.source = source
        self.arena = arena
        self.cache = cache
        outcomes = Array(repeating: .pending, count: photos.count)
    }

    /// Why photo `place` gave no chip; nil if it gave one.
    func reason(_ place: Int) -> String? {
        switch outcomes[place] {
        case .chip: nil
        case .noFace: "no face was found in it"
        case .unreadable(let reason): reason
        case .pending: "it was not read"
        }
    }

    mutating func run(jobs: Int, progress: (Chips.Progress) -> Bool) throws(TrainingError) {
        // Examined before it is read: a photo that changes meanwhile is kept under its old state's key.
        let keys = self.photos.map { cache == nil ? nil : ChipCache.key(photo: $0, cut: self.source.name) }
        take(keys)
        let missing = outcomes.indices.filter { if case .pending = outcomes[$0] { true } else { false } }
        var state = Chips.Progress(done: keys.count - missing.count, total: keys.count, unreadable: 0)
        state.unreadable = outcomes.count { if case .noFace = $0 { true } else { false } }
        guard progress(state) else { throw .cancelled }
        if missing.isEmpty { return }

        let work = Monitor(Work())
        let (photos, source, arena) = (photos, source, arena)
        var threads = try makeThreads(min(jobs, missing.count)) {
            while let place = work.update({ Self.takeNext(&$0, of: missing) }) {
                let outcome = Self.cut(photos[place], source, to: arena, place) {
                    work.update { $0.isOver }
                }
                work.update { $0.finished.append((place, outcome)) }
            }
        }
        // However this ends, the threads are told to end before they are waited for.
        defer { threads.join() }
        defer { work.update { $0.isOver = true } }
        var unsaved: [Int] = []
        var left = missing.count
        while left > 0 {
            // A slow photo must not delay a request to stop.
            let finished =
                work.wait(atMost: 0.2) { state in
                    state.finished.isEmpty ? nil : exchange(&state.finished, with: [])
                } ?? []
            for (place, outcome) in finished {
                outcomes[place] = outcome
                state.done += 1
                if case .chip = outcome {} else { state.unreadable += 1 }
                unsaved.append(place)
            }
            left -= finished.count
            if left == 0 || unsaved.count * arena.size >= Self.commitSize { save(&unsaved, keys) }
            guard progress(state) else {
                save(&unsaved, keys)
                throw .cancelled
            }
        }
    }

    private static func takeNext(_ state: inout Work, of missing: [Int]) -> Int? {
        guard !state.isOver, state.next < missing.count else { return nil }
        state.next += 1
        return missing[state.next - 1]
    }

    private static func cut(
        _ photo: String, _ source: ChipSource, to arena: ChipArena, _ place: Int,
        shouldStop: @escaping @Sendable () -> Bool
    ) -> Outcome {
        do throws(ChipSource.Refusal) {
            let chip = try source.chip(of: photo, shouldStop: shouldStop)
            guard chip.pixels.count == arena.size else { return .unreadable("its chip has another size") }
            unsafe chip.pixels.withUnsafeBytes { pixels in
                guard let start = pixels.baseAddress else { return }
                unsafe arena.address(place).copyMemory(from: start, byteCount: pixels.count)
            }
            return .chip
        } catch {
            switch error {
            case .noFace: return .noFace
            case .unreadable(let reason): return .unreadable(reason)
            }
        }
    }

    /// Takes from the cache what it has.
    private mutating func take(_ keys: [ChipCache.Key?]) {
        guard let cache else { return }
        do throws(TrainingError) {
            let found = try unsafe cache.read(keys, size: arena.size) { place in unsafe arena.address(place) }
            for (place, chip) in found.enumerated() {
                switch chip {
                case .none: continue
                case .noFace: outcomes[place] = .noFace
                case .pixels: outcomes[place] = .chip
                }
                cached += 1
            }
        } catch { cacheProblem = error }
    }

    /// Keeps chips for a later run; a cache that fails is not asked again.
    private mutating func save(_ places: inout [Int], _ keys: [ChipCache.Key?]) {
        defer { places = [] }
        guard let cache, cacheProblem == nil else { return }
        var chips: [(key: ChipCache.Key, pixels: UnsafeRawBufferPointer)] = unsafe []
        for place in places {
            guard let key = keys[place] else { continue }
            switch outcomes[place] {
            case .chip: unsafe chips.append((key, UnsafeRawBufferPointer(arena.bytes(place))))
            // Searching a photo in vain takes longest of all.
            case .noFace: unsafe chips.append((key, UnsafeRawBufferPointer(start: nil, count: 0)))
            case .pending, .unreadable: continue
            }
        }
        do throws(TrainingError) { try unsafe cache.store(chips) } catch { cacheProblem = error }
    }
}

private func exchange<Value>(_ value: inout Value, with other: Value) -> Value {
    defer { value = other }
    return value
}
