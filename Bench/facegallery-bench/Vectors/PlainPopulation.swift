/// Unit vectors that are not like faces, of any dimension, and the hard cases of an index.
struct PlainPopulation: Population {
    let kind: VectorKind
    let dimension: Int
    private let key: NumberKey

    init(kind: VectorKind, dimension: Int, seed: UInt64) {
        (self.kind, self.dimension) = (kind, dimension)
        key = NumberKey(seed: seed)
    }

    func fill(_ out: UnsafeMutableBufferPointer<Float>, first: Int, photo: Int) {
        for row in 0..<out.count / dimension {
            let target = unsafe UnsafeMutableBufferPointer(
                rebasing: out[row * dimension..<(row + 1) * dimension])
            let subject = first + row
            switch kind {
            case .clusters:
                unsafe begin(target, at: subject / 100)
                unsafe move(target, by: 0.3, key.part(-1).part(subject))
            case .duplicates: unsafe begin(target, at: subject / 10)
            case .equal: unsafe begin(target, at: 0)
            case .people:
                unsafe begin(target, at: subject)
                // Two photos of one subject are at a cosine of 1 / (1 + 0.82²).
                unsafe move(target, by: 0.82, key.part(subject).part(photo))
            case .uniform, .dlibResnet, .marginSoftmax: unsafe begin(target, at: subject)
            }
            guard photo > 0, kind != .people else { continue }
            unsafe move(target, by: kind == .clusters ? 0.1 : 0.75, key.part(subject).part(photo))
        }
    }

    func fillStrangers(_ out: UnsafeMutableBufferPointer<Float>, first: Int) {
        for row in 0..<out.count / dimension {
            let target = unsafe UnsafeMutableBufferPointer(
                rebasing: out[row * dimension..<(row + 1) * dimension])
            unsafe begin(target, at: 1 << 40 + first + row)
        }
    }

    /// A direction even over the sphere.
    private func begin(_ row: UnsafeMutableBufferPointer<Float>, at number: Int) {
        unsafe key.part(number).fillNormals(row)
        unsafe scaleToUnit(row)
    }

    /// Adds a random vector of about the length `distance`.
    private func move(_ row: UnsafeMutableBufferPointer<Float>, by distance: Float, _ key: NumberKey) {
        let scale = distance / Float(dimension).squareRoot()
        unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: dimension) { noise in
            unsafe key.fillNormals(noise)
            for place in noise.indices { unsafe row[place] += scale * noise[place] }
        }
        unsafe scaleToUnit(row)
    }
}
