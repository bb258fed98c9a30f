internal import Synchronization

/// Carries out work on several threads and hands over the results in the order of their inputs.
///
/// Memory stays flat however many inputs there are, as in `OrderedWork`. Where `deliver` throws, no further work is
/// begun.
package func inOrder<Input: Sendable, Output: Sendable>(
    _ inputs: [Input], width: Int, work: @escaping @Sendable (Input) -> Output,
    deliver: (Input, Output) throws -> Void
) throws {
    let next = Mutex(inputs.makeIterator())
    try OrderedWork<Input, [(Input, Output)]>(width: width, parcelSize: 1).run(
        next: { _ in
            guard let input = next.withLock({ $0.next() }) else { return .ended }
            return .input(input)
        },
        work: { $0.map { ($0, work($0)) } },
        deliver: { for (input, output) in $0 ?? [] { try deliver(input, output) } })
}
