import Foundation
import Glibc
import Network
import TestSupport
import Testing

/// libgomp makes threads for each thread that calls it, when it calls first, and ends the process where it cannot.
///
/// Whether they can be made is tried when a network is opened.
@Suite("A network where threads cannot be made", .enabled(if: !isSanitized)) struct FewThreadsTests {
    /// A network of two threads.
    private static func network() throws -> EmbeddingNetwork {
        let graph = try Architecture.siameseSmall.graph(side: 32, dimension: 16)
        let card = NetworkCard(
            name: "mine", architecture: .siameseSmall, dimension: 16,
            input: NetworkCard.Input(side: 32, mean: [127.5, 127.5, 127.5], scale: 1 / 128),
            alignment: NetworkCard.Alignment(kind: NetworkCard.Alignment.wholePhoto, padding: 0),
            license: "mine", source: "a test",
            threshold: NetworkCard.Threshold(similarity: 0.5, falseMatchRate: 0.01, measured: "a test"))
        return try EmbeddingNetwork(
            card: card, graph: graph, parameters: NetworkParameters(graph, seed: 1), threads: 2)
    }

    private static let chips = [[UInt8]](repeating: [UInt8](repeating: 90, count: 32 * 32 * 3), count: 16)

    /// Makes threads that stay, until no more can be made.
    private static func takeAllThreads() {
        var status: Int32 = 0
        while status == 0 {
            var thread = pthread_t()
            status = unsafe pthread_create(
                &thread, nil,
                { _ in
                    while true { pause() }
                }, nil)
        }
    }

    @Test("opened where none can be made, it works with the caller's own")
    func none() async {
        await #expect(processExitsWith: .success) {
            ThreadLimit.set(furtherThreads: 0)
            let found = try FewThreadsTests.network().templates(of: FewThreadsTests.chips)
            #expect(found.count == 16 * 16)
        }
    }

    @Test("opened where one could be made that is gone when it is needed, it ends with 75 and says what to do")
    func gone() async throws {
        let result = await #expect(
            processExitsWith: .exitCode(75), observing: [\.standardErrorContent]
        ) {
            ThreadLimit.set(furtherThreads: 12)
            let network = try FewThreadsTests.network()
            // Another caller, whom libgomp has no threads for yet.
            let caller = Thread {
                FewThreadsTests.takeAllThreads()
                _ = try? network.templates(of: FewThreadsTests.chips)
                exit(EXIT_SUCCESS)
            }
            caller.start()
            while true { pause() }
        }
        let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(text.contains("cannot make a thread") && text.contains("ulimit -u"), "\(text)")
    }
}
