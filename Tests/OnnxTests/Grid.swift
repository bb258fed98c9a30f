import Network
import TestSupport

/// Numbers in an array of any shape, the plain way: what the fast way is held against.
struct Grid: Equatable {
    var shape: [Int]
    var values: [Float]

    init(_ shape: [Int], _ values: [Float]) {
        (self.shape, self.values) = (shape, values)
        precondition(values.count == shape.reduce(1, *))
    }

    /// A number for each place.
    init(_ shape: [Int], _ value: ([Int]) -> Float) {
        var (values, index): ([Float], [Int]) = ([], [Int](repeating: 0, count: shape.count))
        for _ in 0..<shape.reduce(1, *) {
            values.append(value(index))
            for axis in shape.indices.reversed() {
                index[axis] += 1
                if index[axis] < shape[axis] { break }
                index[axis] = 0
            }
        }
        self.init(shape, values)
    }

    subscript(_ index: [Int]) -> Float { values[zip(index, shape).reduce(0) { $0 * $1.1 + $1.0 }] }
    subscript(_ index: Int...) -> Float { self[index] }

    /// The number at a place, or 0 outside.
    func padded(_ index: Int...) -> Float {
        zip(index, shape).allSatisfy { (0..<$1).contains($0) } ? self[index] : 0
    }

    func map(_ function: (Float) -> Float) -> Grid { Grid(shape, values.map(function)) }

    /// The largest difference; infinite where the shapes differ.
    func distance(_ other: Grid) -> Float {
        guard shape == other.shape else { return .infinity }
        return zip(values, other.values).reduce(0) { $1.0 == $1.1 ? $0 : max($0, abs($1.0 - $1.1)) }
    }
}

/// Grids and lists of numbers in −1…1 that are the same in every run.
struct Draws {
    private var numbers: SeededGenerator

    init(_ seed: UInt64) { numbers = SeededGenerator(seed: seed) }

    mutating func next() -> Float { numbers.signedUnit() }

    mutating func grid(_ shape: [Int]) -> Grid { Grid(shape) { _ in next() } }
    mutating func list(_ count: Int) -> [Float] { (0..<count).map { _ in next() } }
}

/// What a model's outputs are for images of one shape, by name: one array an image.
func answers(_ model: TestModel, _ images: [Grid]) throws -> [String: [Grid]] {
    let network = try TensorNetwork(bytes: model.encoded, path: "test.onnx")
    let shape = images[0].shape
    let answer = try network.run(count: images.count, input: TensorShape(shape)) { index, image in
        let values = images[index].values
        // Planes are given pixel by pixel.
        let (channels, plane) = shape.count == 3 ? (shape[0], shape[1] * shape[2]) : (1, values.count)
        for place in values.indices { image[place % plane * channels + place / plane] = values[place] }
    }
    return answer.values.reduce(into: [:]) { result, output in
        let shape = answer.shapes[output.key]?.sizes ?? []
        let size = shape.reduce(1, *)
        result[output.key] = images.indices.map {
            Grid(shape, Array(output.value[$0 * size..<($0 + 1) * size]))
        }
    }
}
