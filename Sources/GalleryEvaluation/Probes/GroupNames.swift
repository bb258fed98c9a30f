/// The group of each subject, as the user gives it.
package struct GroupNames: Sendable {
    /// In ascending order.
    package let names: [String]
    private let groupOfSubject: [String: Int]

    /// No groups.
    package init() { (names, groupOfSubject) = ([], [:]) }

    /// - Parameter groups: the group of each subject.
    package init(_ groups: [String: String]) {
        let names = Set(groups.values).sorted()
        let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        self.names = names
        groupOfSubject = groups.compactMapValues { numbers[$0] }
    }

    /// The number of a subject's group, from 0.
    package func group(of subject: String) -> Int? { groupOfSubject[subject] }

    package var isEmpty: Bool { names.isEmpty }
}
