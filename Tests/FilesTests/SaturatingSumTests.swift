import Files
import TestSupport
import Testing

@Suite("Sums of sizes") struct SaturatingSumTests {
    @Test("end at the largest number instead of the process")
    func saturates() {
        #expect([1, 2, 3].saturatingSum == 6)
        #expect([Int]().saturatingSum == 0)
        #expect([Int.max, 1].saturatingSum == .max)
        #expect([Int.max - 1, 1, 5, .max].saturatingSum == .max)
    }
}
