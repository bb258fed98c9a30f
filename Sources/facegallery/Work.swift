/// Carries out work on several threads and hands over the results in the order of their inputs.
///
/// At most `2 × width` inputs are in work or waiting at any time, so memory stays flat however many there are.
/// Where `deliver` throws, no further work is begun.
func inOrder<Input: Sendable, Output: Sendable>(
    _ inputs: [Input], width: Int, work: @escaping @Sendable (Input) -> Output,
    deliver: (Input, Output) throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: (Int, Output).self) { group in
        var begun = 0
        var delivered = 0
        var waiting: [Int: Output] = [:]
        while delivered < inputs.count {
            while begun < inputs.count, begun < delivered + 2 * width, begun - delivered - waiting.count < width
            {
                let index = begun
                group.addTask { (index, work(inputs[index])) }
                begun += 1
            }
            guard let (index, output) = try await group.next() else { break }
            waiting[index] = output
            while let output = waiting.removeValue(forKey: delivered) {
                try deliver(inputs[delivered], output)
                delivered += 1
            }
        }
    }
}
