import Foundation
import GalleryModel
import Synchronization
import Testing
import TestSupport
@testable import TemplateStore

@Suite("the gate of an environment")
struct GateTests {
    private func inBackground(_ body: @escaping @Sendable () -> Void) -> DispatchSemaphore {
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            body()
            done.signal()
        }
        return done
    }

    @Test("lets a helper in whose parent is inside, though somebody waits to move the map")
    func helper() {
        let gate = Gate()
        gate.enter()
        let moved = inBackground { gate.move {} }
        // Whether the mover has come already or not, the helper must pass.
        #expect(moved.wait(timeout: .now() + 0.1) == .timedOut)
        let helped = inBackground {
            gate.enter()
            gate.leave()
        }
        #expect(helped.wait(timeout: .now() + 60) == .success)
        gate.leave()
        #expect(moved.wait(timeout: .now() + 60) == .success)
    }

    @Test("lets the map be moved before threads that come later, as long as nobody stays inside")
    func mover() {
        let gate = Gate(courtesy: 60)
        gate.enter()
        let moved = inBackground { gate.move {} }
        #expect(moved.wait(timeout: .now() + 0.1) == .timedOut)
        let entered = inBackground { gate.enter() }
        #expect(entered.wait(timeout: .now() + 0.1) == .timedOut)
        gate.leave()
        #expect(moved.wait(timeout: .now() + 60) == .success)
        #expect(entered.wait(timeout: .now() + 60) == .success)
        gate.leave()
    }

    @Test("lends a read transaction to other threads, until its owner ends")
    func lending() throws {
        let gallery = try TestGallery()
        let store = try gallery.open()
        let id = try store.write { (writer) throws(StoreError) in try writer.add(newReference("a", 1)) }
        var kept: Lent?
        try store.withReader { reader in
            try reader.transaction.prepareToLend()
            let lent = Lent(transaction: reader.transaction.lent())
            // The state of the owner, whatever is committed meanwhile.
            let removed = inBackground {
                _ = try? store.write { (writer) throws(StoreError) in try writer.remove(reference: id) }
            }
            #expect(removed.wait(timeout: .now() + 60) == .success)
            let found = Mutex<[Float]?>(nil)
            let read = inBackground { found.withLock { $0 = try? lent.vector(of: id) } }
            #expect(read.wait(timeout: .now() + 60) == .success)
            #expect(found.withLock { $0 } == vector(1))
            kept = lent
        }
        let after = try #require(kept)
        #expect(throws: StoreError.self) { try after.vector(of: id) }
        #expect(try store.read { (reader) throws(StoreError) in try reader.vector(of: id) } == nil)
    }

    /// A transaction in the hands of another thread.
    private struct Lent: StoreReading, @unchecked Sendable {
        // Unchecked: a lent transaction is used by one thread at a time.
        let transaction: StoreTransaction
    }
}
