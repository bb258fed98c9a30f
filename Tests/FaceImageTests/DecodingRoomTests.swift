import FaceImage
import Foundation
import Synchronization
import Testing

@Suite("the memory that decoders share", .timeLimit(.minutes(10))) struct DecodingRoomTests {
    /// Runs each body on a thread of its own and waits for all.
    private func together(_ bodies: [@Sendable () -> Void]) {
        let done = DispatchGroup()
        for body in bodies {
            done.enter()
            Thread {
                body()
                done.leave()
            }.start()
        }
        done.wait()
    }

    private func wait(until isTrue: () -> Bool) { while !isTrue() { usleep(500) } }

    @Test("no more is in use at once than there is, and everybody gets a turn")
    func limit() {
        let room = DecodingRoom(bytes: 100)
        let use = Mutex((now: 0, most: 0, turns: 0))
        together(
            (1...8).map { number in
                {
                    for round in 0..<50 {
                        let need = (number * 13 + round * 7) % 101
                        _ = room.with(need, shouldStop: { false }) {
                            use.withLock {
                                $0.now += need
                                $0.most = max($0.most, $0.now)
                                $0.turns += 1
                            }
                            sched_yield()
                            use.withLock { $0.now -= need }
                        }
                    }
                }
            })
        let (now, most, turns) = use.withLock { $0 }
        #expect(now == 0 && turns == 400)
        #expect(most <= 100 && most > 50)
        #expect(room.freeBytes == 100)
    }

    @Test("what needs more than there is runs alone")
    func alone() {
        let room = DecodingRoom(bytes: 100)
        let free = room.with(1 << 40, shouldStop: { false }) { room.freeBytes }
        #expect(free == 0)
        #expect(room.freeBytes == 100)
    }

    @Test("small ones do not pass a large one that waits")
    func order() {
        let room = DecodingRoom(bytes: 100)
        let order = Mutex<[String]>([])
        together([
            {
                _ = room.with(60, shouldStop: { false }) {
                    wait(until: { room.waitingCount == 2 })
                    order.withLock { $0.append("first") }
                }
            },
            {
                wait(until: { room.freeBytes == 40 })
                _ = room.with(90, shouldStop: { false }) { order.withLock { $0.append("large") } }
            },
            {
                wait(until: { room.waitingCount == 1 })
                // Would fit beside the first.
                _ = room.with(20, shouldStop: { false }) { order.withLock { $0.append("small") } }
            },
        ])
        #expect(order.withLock { $0.first } == "first")
        #expect(Set(order.withLock { $0 }) == ["first", "large", "small"])
        #expect(room.freeBytes == 100)
    }

    @Test("who stops waiting makes way for the next")
    func stop() {
        let room = DecodingRoom(bytes: 100)
        let hasRun = Mutex(false)
        together([
            { _ = room.with(60, shouldStop: { false }) { wait(until: { hasRun.withLock { $0 } }) } },
            {
                wait(until: { room.freeBytes == 40 })
                let result: Void? = room.with(90, shouldStop: { room.waitingCount == 2 }) {
                    Issue.record("ran")
                }
                #expect(result == nil)
            },
            {
                wait(until: { room.waitingCount == 1 })
                _ = room.with(20, shouldStop: { false }) { hasRun.withLock { $0 = true } }
            },
        ])
        #expect(room.freeBytes == 100)
    }

    @Test("what is thrown inside gives the memory back")
    func failure() {
        struct Fault: Error {}
        let room = DecodingRoom(bytes: 100)
        #expect(throws: Fault.self) {
            try room.with(70, shouldStop: { false }) { () throws(Fault) in throw Fault() }
        }
        #expect(room.freeBytes == 100)
    }
}
