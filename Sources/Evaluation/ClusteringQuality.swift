/// How well a grouping of faces agrees with who the faces are: B-cubed precision and recall.
///
/// For one face, precision is the share of its group that is the same person, itself included, and recall the share of
/// that person's faces that are in its group. Both are averaged over all faces, so a face that stands alone counts as
/// a group of one (Bagga and Baldwin, "Entity-based cross-document coreferencing using the vector space model", 1998).
public struct ClusteringQuality: Sendable, Equatable {
    /// Mean share of a face's group that is the face's person, 0…1; 1 where nobody is mixed with others.
    public let precision: Double
    /// Mean share of a person's faces that are in the face's group, 0…1; 1 where nobody is split.
    public let recall: Double

    /// The harmonic mean of precision and recall, 0…1.
    public var f: Double {
        precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
    }

    /// Compares groups with persons; O(faces).
    ///
    /// - Parameters:
    ///   - groups: the group of each face, nil for a face that stands alone.
    ///   - persons: who each face is, in the same order.
    /// - Returns: nil where there is no face, or not one person for each.
    public init?(groups: [Int?], persons: [Int]) {
        guard !groups.isEmpty, groups.count == persons.count else { return nil }
        var inGroup: [Int: Int] = [:]
        var ofPerson: [Int: Int] = [:]
        var both: [[Int]: Int] = [:]
        for (group, person) in zip(groups, persons) {
            ofPerson[person, default: 0] += 1
            guard let group else { continue }
            inGroup[group, default: 0] += 1
            both[[group, person], default: 0] += 1
        }
        var (precision, recall) = (0.0, 0.0)
        for (group, person) in zip(groups, persons) {
            let same = Double(group.flatMap { both[[$0, person]] } ?? 1)
            precision += same / Double(group.flatMap { inGroup[$0] } ?? 1)
            recall += same / Double(ofPerson[person] ?? 1)
        }
        self.precision = precision / Double(groups.count)
        self.recall = recall / Double(groups.count)
    }
}
