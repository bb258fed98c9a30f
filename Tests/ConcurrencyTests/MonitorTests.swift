import Concurrency
import Glibc
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

@Suite("Work in the background") struct BackgroundWorkTests {
    @Test("is over for those who wait as soon as it has ended")
    func ends() {
        let work = BackgroundWork()
        let isBegun = work.begin { usleep(200_000) }
        let time = ContinuousClock().measure { #expect(work.wait(atMost: 20)) }
        #expect(isBegun && time < .seconds(10))
    }
}
