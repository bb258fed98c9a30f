import Foundation
import VectorFiles

/// Templates with the person of each.
struct ClusterSet {
    var templates: [Float]
    var persons: [Int]
    let dimension: Int
    /// The people's share of faces that have no other face.
    var aloneShare: Double {
        var counts: [Int: Int] = [:]
        for person in persons { counts[person, default: 0] += 1 }
        return Double(counts.values.count { $0 == 1 }) / Double(max(1, persons.count))
    }

    /// Templates of photos, whose folders name people: `lfw-dev.npy` and `lfw-dev.txt` of a folder.
    init(photos folder: String) throws {
        let matrix = try NpyMatrixMap(path: "\(folder)/lfw-dev.npy")
        (templates, dimension) = (matrix.floats(0..<matrix.rows), matrix.columns)
        let lines = try String(contentsOfFile: "\(folder)/lfw-dev.txt", encoding: .utf8).split(separator: "\n")
        guard lines.count == matrix.rows else { throw BenchFault("\(folder): not one photo for each template") }
        var numbers: [Substring: Int] = [:]
        persons = lines.map { line in
            let name = line.prefix { $0 != "/" }
            let number = numbers[name] ?? numbers.count
            numbers[name] = number
            return number
        }
    }

    /// Synthetic people: a person has ⌊u^(−0.6)⌋ photos, at most 500, for an even u in 0…1.
    ///
    /// So two thirds of people have one photo, which is a third of all photos, as in news photos.
    init(_ population: any Population, rows: Int, seed: UInt64) {
        dimension = population.dimension
        (templates, persons) = ([], [])
        templates.reserveCapacity(rows * dimension)
        let key = NumberKey(seed: seed).part(-7)
        var person = 0
        while persons.count < rows {
            let share = Double(key.part(person).below(1 << 30) + 1) / Double(1 << 30)
            let count = min(500, Int(pow(share, -0.6)), rows - persons.count)
            for photo in 0..<count {
                templates += population.rows(of: [person], photo: photo)
                persons.append(person)
            }
            person += 1
        }
    }

    /// Adds the faces of another set, whose people are others.
    mutating func add(_ other: ClusterSet) throws {
        guard other.dimension == dimension else {
            throw BenchFault("the real templates have another dimension")
        }
        let first = (persons.max() ?? -1) + 1
        persons += other.persons.map { $0 + first }
        templates += other.templates
    }

    /// Mixes the faces.
    mutating func shuffle(seed: UInt64) {
        let key = NumberKey(seed: seed).part(-8)
        var order = Array(persons.indices)
        for place in order.indices.dropFirst() { order.swapAt(place, key.part(place).below(place + 1)) }
        let (templates, persons, dimension) = (templates, persons, dimension)
        self.persons = order.map { persons[$0] }
        self.templates = []
        self.templates.reserveCapacity(templates.count)
        for row in order { self.templates += templates[row * dimension..<(row + 1) * dimension] }
    }

    /// Writes the templates, and the person of each, one per line.
    func write(to path: String) throws {
        let writer = try NpyMatrixWriter(path: path, columns: dimension)
        try writer.append(templates)
        try writer.finish()
        let text = persons.map { "\($0)\n" }.joined()
        try Data(text.utf8).write(to: URL(filePath: path + ".persons.txt"))
    }
}
