import Evaluation
import TestSupport
import Testing

@Suite("The quality of groups")
struct ClusteringQualityTests {
    @Test("is B-cubed's, on an example worked by hand")
    func byHand() throws {
        // Person 1 has three faces, two in group 1 and one in group 2; person 2 has one in group 2; person 3 stands
        // alone. Precision: 1, 1, ½, ½, 1. Recall: ⅔, ⅔, ⅓, 1, 1.
        let quality = try #require(
            ClusteringQuality(groups: [1, 1, 2, 2, nil], persons: [1, 1, 1, 2, 3]))
        #expect(abs(quality.precision - 4.0 / 5) < 1e-12)
        #expect(abs(quality.recall - (2.0 / 3 + 2.0 / 3 + 1.0 / 3 + 1 + 1) / 5) < 1e-12)
        #expect(abs(quality.f - 2 * 0.8 * (11.0 / 15) / (0.8 + 11.0 / 15)) < 1e-12)
    }

    @Test("is the mean over all pairs of each face's definition")
    func independent() throws {
        var generator = SeededGenerator(seed: 5)
        let persons = (0..<80).map { _ in Int.random(in: 0..<20, using: &generator) }
        let groups: [Int?] = (0..<80).map { _ in
            let group = Int.random(in: 0..<25, using: &generator)
            return group < 5 ? nil : group
        }
        var (precision, recall) = (0.0, 0.0)
        for face in persons.indices {
            let group = persons.indices.filter {
                $0 == face || (groups[face] != nil && groups[$0] == groups[face])
            }
            let person = persons.indices.filter { persons[$0] == persons[face] }
            let both = Double(Set(group).intersection(person).count)
            precision += both / Double(group.count) / 80
            recall += both / Double(person.count) / 80
        }
        let quality = try #require(ClusteringQuality(groups: groups, persons: persons))
        #expect(abs(quality.precision - precision) < 1e-12)
        #expect(abs(quality.recall - recall) < 1e-12)
    }

    @Test("is perfect only for the right groups, and unknown without faces")
    func extremes() throws {
        let right = try #require(ClusteringQuality(groups: [7, 7, nil], persons: [1, 1, 2]))
        #expect((right.precision, right.recall, right.f) == (1, 1, 1))
        let together = try #require(ClusteringQuality(groups: [1, 1, 1, 1], persons: [1, 2, 3, 4]))
        #expect((together.precision, together.recall) == (0.25, 1))
        let apart = try #require(ClusteringQuality(groups: [nil, nil, nil, nil], persons: [1, 1, 1, 1]))
        #expect((apart.precision, apart.recall) == (1, 0.25))
        #expect(ClusteringQuality(groups: [], persons: []) == nil)
        #expect(ClusteringQuality(groups: [1], persons: []) == nil)
    }
}
