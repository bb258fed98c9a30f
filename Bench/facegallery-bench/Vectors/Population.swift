/// Unit vectors of any number of subjects, each with any number of photos.
protocol Population: Sendable {
    var dimension: Int { get }

    /// Writes photo `photo` of the subjects from `first` on, row-major, as many as there is room for.
    func fill(_ out: UnsafeMutableBufferPointer<Float>, first: Int, photo: Int)

    /// Writes vectors of nobody that `fill` gives for subjects below 2^40.
    func fillStrangers(_ out: UnsafeMutableBufferPointer<Float>, first: Int)
}

extension Population {
    func fillStrangers(_ out: UnsafeMutableBufferPointer<Float>, first: Int) {
        unsafe fill(out, first: 1 << 40 + first, photo: 0)
    }

    /// Photo `photo` of given subjects, row-major.
    func rows(of subjects: [Int], photo: Int) -> [Float] {
        unsafe vectors(subjects.count) { out, row in unsafe fill(out, first: subjects[row], photo: photo) }
    }

    /// Vectors of strangers, row-major.
    func strangers(_ count: Int) -> [Float] {
        unsafe vectors(count) { out, row in unsafe fillStrangers(out, first: row) }
    }

    private func vectors(_ count: Int, _ fill: (UnsafeMutableBufferPointer<Float>, Int) -> Void) -> [Float] {
        unsafe [Float](unsafeUninitializedCapacity: count * dimension) { buffer, filled in
            for row in 0..<count {
                let part = unsafe buffer[row * dimension..<(row + 1) * dimension]
                unsafe fill(UnsafeMutableBufferPointer(rebasing: part), row)
            }
            filled = count * dimension
        }
    }
}

/// Makes a vector's length 1.
func scaleToUnit(_ row: UnsafeMutableBufferPointer<Float>) {
    var squares: Float = 0
    for place in row.indices { unsafe squares += row[place] * row[place] }
    let scale = 1 / squares.squareRoot()
    for place in row.indices { unsafe row[place] *= scale }
}

/// What vectors are to be like.
enum VectorKind: String, CaseIterable, Sendable {
    /// Face-like: drawn from the statistics of what dlib's ResNet-29 makes of photos.
    case dlibResnet = "dlib-resnet"
    /// Face-like: drawn from the statistics of a margin-softmax MobileFaceNet.
    case marginSoftmax = "margin-softmax"
    /// Subjects even over the sphere, their photos at a cosine of about 0.6: face-like in any dimension.
    case people
    /// Even over the sphere.
    case uniform
    /// Tight clusters of a hundred.
    case clusters
    /// Every vector ten times.
    case duplicates
    /// One vector.
    case equal

    /// Subjects with such vectors.
    ///
    /// - Throws: `BenchFault` for a dimension that the statistics are not of, `VectorFileError` where they are
    ///   missing.
    func population(dimension: Int?, seed: UInt64, statistics: String?) throws -> any Population {
        switch self {
        case .dlibResnet, .marginSoftmax:
            let folder = statistics ?? "\(Machine.sources)/Bench/Data/\(rawValue)"
            let faces = try FaceLikePopulation(folder: folder, seed: seed)
            guard dimension == nil || dimension == faces.dimension else {
                throw BenchFault(
                    "\(rawValue) has \(faces.dimension) dimensions: leave --dimension out, or take --kind people",
                    isUsage: true)
            }
            return faces
        case .people, .uniform, .clusters, .duplicates, .equal:
            return PlainPopulation(kind: self, dimension: dimension ?? 128, seed: seed)
        }
    }
}
