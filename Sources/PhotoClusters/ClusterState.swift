package import Clustering

/// What is known of the photos met so far: their faces' templates, and which of them are alike.
package struct ClusterState: Sendable {
    /// How templates were made: with other settings, they could not be compared.
    package struct Settings: Codable, Sendable, Equatable {
        /// The network's name, and the digest of all that its templates depend on.
        package var network: String
        package var fingerprint: String
        /// The face finder, and whether all rotations were searched.
        package var finder: String

        package init(network: String, fingerprint: String, finder: String) {
            (self.network, self.fingerprint, self.finder) = (network, fingerprint, finder)
        }

        var words: String { "network \(network) (\(fingerprint.prefix(12))) and face finder \(finder)" }
    }

    package let settings: Settings
    package private(set) var graph: FaceGraph
    private var photosByDigest: [String: ClusteredPhoto]

    /// A state without photos.
    package init(settings: Settings, dimension: Int, minSimilarity: Double) throws(PhotoClusterError) {
        self.settings = settings
        do throws(ClusteringError) {
            graph = try FaceGraph(dimension: dimension, minSimilarity: minSimilarity)
        } catch { throw .clustering(error) }
        photosByDigest = [:]
    }

    init(settings: Settings, graph: FaceGraph, photos: [ClusteredPhoto]) {
        (self.settings, self.graph) = (settings, graph)
        photosByDigest = Dictionary(photos.map { ($0.digest, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The photos, by digest.
    package var photos: [ClusteredPhoto] { photosByDigest.values.sorted { $0.digest < $1.digest } }

    /// Digests of the photos that need not be looked at again.
    package var digests: Set<String> { Set(photosByDigest.keys) }

    /// How many photos and faces there are.
    package var counts: (photos: Int, faces: Int) {
        (photosByDigest.count, photosByDigest.values.reduce(0) { $0 + $1.faces.count })
    }

    /// Makes groups from another similarity on; everything is compared again then.
    package mutating func setMinSimilarity(_ similarity: Double) throws(PhotoClusterError) {
        guard similarity != graph.minSimilarity else { return }
        do throws(ClusteringError) {
            var changed = try FaceGraph(dimension: graph.dimension, minSimilarity: similarity)
            try changed.add(graph.templates)
            graph = changed
        } catch { throw .clustering(error) }
    }

    /// Notes that a known photo was met at a path.
    ///
    /// - Returns: false where no photo has this digest.
    package mutating func meet(digest: String, at path: String) -> Bool {
        guard let known = photosByDigest[digest] else { return false }
        if path < known.path { photosByDigest[digest]?.path = path }
        return true
    }

    /// Adds a photo with its faces and their templates, in the same order.
    ///
    /// - Throws: `clustering` for a template that is none; nothing is added then.
    package mutating func add(
        digest: String, path: String, faces: [(box: [Int], score: Double, isDoubtful: Bool)], templates: [Float]
    ) throws(PhotoClusterError) {
        do throws(ClusteringError) {
            let rows = try graph.add(templates)
            photosByDigest[digest] = ClusteredPhoto(
                digest: digest, path: path,
                faces: zip(faces, rows).map { face, row in
                    .init(row: row, box: face.box, score: face.score, isDoubtful: face.isDoubtful)
                })
        } catch { throw .clustering(error) }
    }

    /// Compares the new faces with all, and groups them.
    ///
    /// - Parameter includes: whether a face takes part; one that does not is left out of the answer.
    /// - Returns: the faces by group, then by photo, those that stand alone last. Doubtful ones stand alone.
    package mutating func clusters(
        threads: Int, including includes: (ClusteredPhoto.Found) -> Bool = { _ in true },
        progress: @escaping @Sendable (Double) -> Void = { _ in },
        goesOn: @escaping @Sendable () -> Bool = { true }
    ) throws(PhotoClusterError) -> [ClusteredFace] {
        var faces: [ClusteredFace] = []
        for photo in photos {
            for (number, face) in photo.faces.enumerated() where includes(face) {
                faces.append(
                    ClusteredFace(
                        cluster: nil, photo: photo.path, digest: photo.digest, face: face, number: number))
            }
        }
        do throws(ClusteringError) {
            try graph.compare(threads: threads, progress: progress, goesOn: goesOn)
            let clusters = try graph.clusters(
                of: faces.map { $0.face.isDoubtful ? nil : $0.face.row }, threads: threads, goesOn: goesOn)
            for place in faces.indices { faces[place].cluster = clusters[place] }
        } catch { throw .clustering(error) }
        return faces.sorted {
            ($0.cluster ?? .max, $0.photo, $0.digest, $0.number) < (
                $1.cluster ?? .max, $1.photo, $1.digest, $1.number
            )
        }
    }
}
