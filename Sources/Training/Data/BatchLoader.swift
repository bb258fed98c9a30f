internal import Concurrency

/// A prepared batch.
public struct Batch: Sendable {
    /// Its number in the epoch, from 0.
    public internal(set) var number = -1
    /// The chips it is made of.
    public internal(set) var chips: [Int] = []
    /// The class of each chip.
    public internal(set) var people: [Int] = []
    /// The network's input: for each chip side × side × 3 numbers, normalised.
    public internal(set) var images: [Float] = []

    /// An empty batch, to be filled by `BatchLoader.next(into:)`.
    public init() {}
}

/// Threads that prepare batches ahead and hand them over in order.
///
/// What a batch holds depends on its chips, the seed, the epoch and its number alone, never on threads or time.
/// At most `threads` + 1 batches are in work or waiting, each of batchSize · 12 · side² bytes; buffers go round
/// between the loader and its reader, so that nothing is allocated after the first few. One thread
/// takes batches. The threads end with the loader, at the latest one batch later, wherever in an epoch it is.
public final class BatchLoader {
    private let monitor: Monitor<LoaderState>
    private let threads: Threads

    /// Starts the threads; they wait for `start`.
    ///
    /// - Parameters:
    ///   - chips: where the pixels come from.
    ///   - augmentation: how chips are changed at random.
    ///   - normalisation: how pixels become the network's input.
    ///   - seed: decides every random change.
    ///   - threads: 1…256.
    /// - Throws: `badArgument`, `noThread`.
    public init(
        _ chips: Chips, augmentation: Augmentation, normalisation: Normalisation, seed: UInt64, threads: Int
    ) throws(TrainingError) {
        guard 1...256 ~= threads else {
            throw .badArgument(name: "the number of loader threads", reason: "is \(threads), outside 1...256")
        }
        try augmentation.check()
        let monitor = Monitor(LoaderState(depth: threads + 1))
        self.monitor = monitor
        self.threads = try makeThreads(threads) {
            do throws(TrainingError) {
                var renderer = try ChipRenderer(
                    side: chips.side, augmentation: augmentation, normalisation: normalisation, seed: seed)
                while var task = monitor.wait({ $0.take() }).task {
                    task.prepare(chips, &renderer)
                    monitor.update { $0.finish(&task) }
                }
            } catch {
                monitor.update { $0.failure = error }
            }
        }
    }

    deinit { monitor.update { $0.isOver = true } }

    /// Begins an epoch, and drops what is left of the one before.
    ///
    /// - Parameters:
    ///   - batches: chip indices, as `BatchSampler.batches(epoch:)` gives them.
    ///   - epoch: takes part in what chance does.
    ///   - first: the number of the batch to begin with, for a run that goes on.
    public func start(_ batches: [[Int]], epoch: Int, from first: Int = 0) {
        monitor.update { $0.start(batches, epoch: epoch, first: first) }
    }

    /// Waits for the next batch and puts it into `batch`, whose buffer the loader takes; false at the epoch's end.
    ///
    /// - Throws: whatever kept the threads from working.
    public func next(into batch: inout Batch) throws(TrainingError) -> Bool {
        monitor.update { $0.recycle(&batch) }
        guard let next = try monitor.wait({ $0.deliver() }).get() else { return false }
        batch = next
        return true
    }
}

/// Threads that run one body each; see `Threads`.
///
/// - Throws: `noThread` where the system makes none.
func makeThreads(_ count: Int, _ run: @escaping @Sendable () -> Void) throws(TrainingError) -> Threads {
    do throws(ThreadError) { return try Threads(count, run) } catch { throw .noThread(error) }
}
