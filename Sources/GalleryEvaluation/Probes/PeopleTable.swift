internal import Evaluation
internal import Gallery
internal import GalleryModel

/// Who the probes show: a number for each person, whether they are enrolled, and their group.
struct PeopleTable: Sendable {
    struct Person: Sendable {
        /// The name under which the person is enrolled, or the one that was given.
        let name: String
        let isEnrolled: Bool
        let group: Int?
    }

    /// Of each probe; nil for a stranger without a name.
    let personOfProbe: [Int?]
    let people: [Person]
    let groups: GroupNames

    /// Looks every name up once.
    init(_ probes: ProbeSet, in gallery: FaceGallery, groups: GroupNames) throws(GalleryError) {
        var numbers: [String: Int] = [:]
        var people: [Person] = []
        var ofProbe: [Int?] = []
        ofProbe.reserveCapacity(probes.probes.count)
        for probe in probes.probes {
            guard let given = probe.person else {
                ofProbe.append(nil)
                continue
            }
            if let known = numbers[given] {
                ofProbe.append(known)
                continue
            }
            let enrolled = try gallery.enrolledSubject(named: given)
            // Two spellings of one name are one person.
            let name = enrolled ?? given
            let number = numbers[name] ?? people.count
            if number == people.count {
                people.append(
                    Person(
                        name: name, isEnrolled: enrolled != nil,
                        group: groups.group(of: name) ?? groups.group(of: given)))
            }
            numbers[given] = number
            numbers[name] = number
            ofProbe.append(number)
        }
        (personOfProbe, self.people, self.groups) = (ofProbe, people, groups)
    }

    /// Whether a probe's person is enrolled.
    func isMated(_ probe: Int) -> Bool { personOfProbe[probe].map { people[$0].isEnrolled } ?? false }
}

extension FaceGallery {
    /// The name under which somebody is enrolled; nil if nobody is.
    func enrolledSubject(named name: String) throws(GalleryError) -> String? {
        do { return try subject(named: name).name } catch {
            switch error {
            case .store(.unknownSubject), .store(.invalidName): return nil
            default: throw error
            }
        }
    }
}
