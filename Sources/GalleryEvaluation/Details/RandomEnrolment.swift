internal import Evaluation

/// Who is enrolled in a random part of a gallery: decided from a subject's number, without a list.
struct RandomEnrolment: Sendable {
    let seed: UInt64
    let draw: Int
    /// Share of subjects, 0…1.
    let share: Double

    /// Whether a subject is in it; larger shares of the same draw hold the smaller ones.
    func contains(_ subject: Int) -> Bool {
        guard share < 1 else { return true }
        var random = RandomBits(
            seed: seed &* 0x9E37_79B9 &+ UInt64(draw) &* 0xBF58_476D_1CE4_E5B9 &+ UInt64(subject)
                &* 0x94D0_49BB_1331_11EB)
        _ = random.next()
        return Double(random.next() >> 11) * 0x1p-53 < share
    }
}
