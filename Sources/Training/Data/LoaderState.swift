/// The state that a `BatchLoader`'s threads share with its reader, under one lock.
struct LoaderState {
    /// A batch that a thread prepares.
    struct Task {
        var batch: Batch
        /// Which `start` it belongs to.
        let generation: Int
        let epoch: Int
        let chips: [Int]
    }

    /// A task, or none any more.
    struct Turn { var task: Task? }

    var isOver = false
    var failure: TrainingError?
    private let depth: Int
    /// Buffers that are kept: those in work or waiting, and the reader's.
    private var mostBuffers: Int { depth + 1 }
    private var batches: [[Int]] = []
    private var epoch = 0
    private var generation = 0
    private var nextTaken = 0
    private var nextDelivered = 0
    private var ready: [Int: Batch] = [:]
    private var free: [Batch] = []

    init(depth: Int) { self.depth = depth }

    mutating func start(_ batches: [[Int]], epoch: Int, first: Int) {
        self.batches = batches
        self.epoch = epoch
        generation += 1
        nextTaken = max(0, first)
        nextDelivered = nextTaken
        for (_, batch) in ready where free.count < mostBuffers { free.append(batch) }
        ready = [:]
    }

    /// The next batch to prepare; nil while there is none to begin.
    mutating func take() -> Turn? {
        if isOver { return Turn() }
        guard nextTaken < batches.count, nextTaken < nextDelivered + depth else { return nil }
        var batch = free.popLast() ?? Batch()
        batch.number = nextTaken
        nextTaken += 1
        return Turn(
            task: Task(batch: batch, generation: generation, epoch: epoch, chips: batches[nextTaken - 1]))
    }

    mutating func finish(_ task: inout Task) {
        if task.generation == generation {
            ready[task.batch.number] = task.batch
            task.batch = Batch()
        } else {
            recycle(&task.batch)
        }
    }

    /// Takes a buffer back; emptied here, under the lock, so that its next user is its only one and need not copy.
    mutating func recycle(_ batch: inout Batch) {
        if !batch.images.isEmpty, free.count < mostBuffers { free.append(batch) }
        batch = Batch()
    }

    /// The next batch in order, or nil at the end of the epoch; nothing while it is not ready.
    mutating func deliver() -> Result<Batch?, TrainingError>? {
        if let failure { return .failure(failure) }
        if nextDelivered >= batches.count { return .success(nil) }
        guard let batch = ready.removeValue(forKey: nextDelivered) else { return nil }
        nextDelivered += 1
        return .success(batch)
    }
}

extension LoaderState.Task {
    /// Fills the batch; its buffer is used again where it has the size.
    mutating func prepare(_ all: Chips, _ renderer: inout ChipRenderer) {
        let size = 3 * all.side * all.side
        if batch.images.count != chips.count * size {
            batch.images = Array(repeating: 0, count: chips.count * size)
        }
        batch.chips = chips
        batch.people = chips.map { all.people[$0] }
        let number = batch.number
        unsafe batch.images.withUnsafeMutableBufferPointer { images in
            for (slot, chip) in chips.enumerated() {
                let output = unsafe UnsafeMutableBufferPointer(
                    rebasing: images[slot * size..<(slot + 1) * size])
                all.withChip(chip) { bytes in
                    unsafe renderer.render(bytes, epoch: epoch, batch: number, slot: slot, into: output)
                }
            }
        }
    }
}
