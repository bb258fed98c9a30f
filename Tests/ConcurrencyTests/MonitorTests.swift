import Concurrency
import Testing

@Suite("A monitor") struct MonitorTests {
    @Test("wakes whoever waits for what others change")
    func wakes() throws {
        let monitor = Monitor(0)
        var threads = try Threads(3) { for _ in 0..<1_000 { monitor.update { $0 += 1 } } }
        #expect(monitor.wait { $0 == 3_000 ? $0 : nil } == 3_000)
        threads.join()
    }

    @Test("waits as long as it is told, and no longer")
    func waits() {
        let monitor = Monitor(0)
        let time = ContinuousClock().measure {
            #expect(monitor.wait(atMost: 0.15) { $0 > 0 ? $0 : nil } == nil)
        }
        #expect(time >= .milliseconds(150) && time < .seconds(5))
    }
}
