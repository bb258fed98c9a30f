import Clustering
import TestSupport

/// Faces of synthetic people.
struct Crowd {
    var templates: [[Float]] = []
    var persons: [Int] = []

    /// - Parameter spread: how far photos of a person are from its centre.
    init(people: Int, photos: ClosedRange<Int>, dimension: Int, spread: Float, seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for person in 0..<people {
            let centre = generator.unitVector(dimension)
            for _ in 0..<Int.random(in: photos, using: &generator) {
                templates.append(Self.near(centre, spread, &generator))
                persons.append(person)
            }
        }
    }

    static func near(_ centre: [Float], _ spread: Float, _ generator: inout SeededGenerator) -> [Float] {
        let other = generator.unitVector(centre.count)
        let sum = zip(centre, other).map { $0 + spread * $1 }
        let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return sum.map { $0 / length }
    }

    /// The groups of the faces in an order, as sets of faces.
    static func groups(
        _ templates: [[Float]], minSimilarity: Double, order: [Int]? = nil, batches: Int = 1, threads: Int = 1
    ) throws -> [Int?] {
        let order = order ?? Array(templates.indices)
        var graph = try FaceGraph(dimension: templates.first?.count ?? 1, minSimilarity: minSimilarity)
        var rows = [Int](repeating: 0, count: templates.count)
        for batch in 0..<batches {
            let part = order[order.count * batch / batches..<order.count * (batch + 1) / batches]
            for (face, row) in zip(part, try graph.add(part.flatMap { templates[$0] })) { rows[face] = row }
            try graph.compare(threads: threads)
        }
        return try graph.clusters(of: rows, threads: threads)
    }

    /// What the definition gives when it is followed word by word, every two groups compared in every step.
    static func byDefinition(_ templates: [[Float]], minSimilarity: Double) -> Set<Set<Int>> {
        func product(_ one: [Double], _ other: [Double]) -> Double {
            zip(one, other).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let faces = templates.map { $0.map(Double.init) }
        let least = minSimilarity - (1 - minSimilarity) / 8
        var groups = templates.indices.map { [$0] }
        while true {
            var best: (likeness: Double, one: Int, other: Int)?
            for one in groups.indices {
                for other in groups.indices where other > one {
                    let pairs = groups[one].flatMap { a in groups[other].map { product(faces[a], faces[$0]) } }
                    guard (pairs.max() ?? 0) >= least else { continue }
                    func sum(_ group: [Int]) -> [Double] {
                        group.reduce([Double](repeating: 0, count: faces[0].count)) { total, face in
                            zip(total, faces[face]).map { $0 + $1 }
                        }
                    }
                    let (a, b) = (sum(groups[one]), sum(groups[other]))
                    let cosine = product(a, b) / (product(a, a) * product(b, b)).squareRoot()
                    let likeness = (pairs.reduce(0, +) / Double(pairs.count) + cosine) / 2
                    if likeness >= minSimilarity, likeness > best?.likeness ?? -1 {
                        best = (likeness, one, other)
                    }
                }
            }
            guard let best else { return Set(groups.map { Set($0) }) }
            groups[best.one] += groups.remove(at: best.other)
        }
    }

    static func sets(_ groups: [Int?]) -> Set<Set<Int>> {
        var members: [Int: Set<Int>] = [:]
        for (face, group) in groups.enumerated() { members[group ?? -1 - face, default: []].insert(face) }
        return Set(members.values)
    }
}
