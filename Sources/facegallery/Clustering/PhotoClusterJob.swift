import ArgumentParsing
import Clustering
import Enrollment
import FaceImage
import Files
import FoundationEssentials
import Gallery
import Network
import PhotoClusters
import Wire

/// Groups the faces of photos.
struct PhotoClusterJob {
    /// Photos after which it is looked whether the state is to be saved.
    private static let chunk = 2_000
    private static let betweenSaves = Duration.seconds(300)

    private let arguments: ParsedArguments
    private let console: Console
    private let gallery: FaceGallery?
    private let jobs: Int

    /// What became of the photos.
    private struct Account {
        var added = 0
        var known = 0
        var withoutFace = 0
        var refused = 0
        var failure: ExitCode?
        var done: Int { added + known + refused }
    }

    init(_ arguments: ParsedArguments, _ console: Console) throws {
        (self.arguments, self.console) = (arguments, console)
        jobs = try arguments.jobs()
        gallery = try arguments.value("--gallery").map { try FaceGallery(at: $0, readOnly: true) }
    }

    func run() throws -> ExitCode {
        let out = arguments.value("--out")
        let (photos, passedOver) = try PhotoWalk.photos(
            at: arguments.positionals, excluding: arguments.patterns())
        if let out { try checkPlace(of: out, photos) }
        let encoder = try encoder()
        let similarity = try arguments.leastClusterSimilarity() ?? encoder.card.identificationSimilarity
        let settings = ClusterState.Settings(
            network: encoder.card.name, fingerprint: NetworkIdentity(encoder.card).fingerprint,
            finder: "\(arguments.value("--detector") ?? "standard")"
                + (arguments.flag("--any-rotation") ? " in all rotations" : ""))
        let folder = try out.map { try ClusterFolder($0) }
        var state =
            try folder?.state(made: settings)
            ?? ClusterState(
                settings: settings, dimension: encoder.card.dimension, minSimilarity: similarity)
        try state.setMinSimilarity(similarity)
        StopRequest.watch(outlivesReaders: false)
        let items = try out == nil ? photos : photos.map(Self.withWholePath)
        let account = try embed(items, encoder, folder, into: &state)
        if let text = passedOver.text { console.note(Advice.withOptions(text)) }
        if account.added > 0 || state.counts.photos == 0 { try folder?.write(state) }
        guard !StopRequest.isAsked else {
            let kept = folder == nil ? "" : "; the \(state.counts.photos) photos that were done are kept"
            console.note("stopped\(kept). Run the same command again to continue")
            return .tryAgain
        }
        try finish(&state, folder, account, similarity)
        return account.failure ?? (account.refused == photos.count ? .badData : .done)
    }

    private func encoder() throws -> PhotoEncoder {
        let (limits, finding) = (try arguments.limits(), try arguments.finding())
        if let gallery {
            return try PhotoEncoder(
                of: gallery, limits: limits, finding: finding, shouldStop: { StopRequest.isAsked })
        }
        return try PhotoEncoder(
            network: arguments.value("--network") ?? ModelCache.defaultNetwork, limits: limits,
            finding: finding,
            shouldStop: { StopRequest.isAsked })
    }

    /// Groups the faces, and writes and tells the groups.
    private func finish(
        _ state: inout ClusterState, _ folder: ClusterFolder?, _ account: Account, _ similarity: Double
    ) throws {
        let isUnknown =
            try arguments.flag("--unknown")
            ? gallery.map { try UnknownFaces(gallery: $0, threads: jobs).unknown(state.graph.templates) } : nil
        let before = state.graph.comparedRows
        let progress = ShareProgress(total: state.graph.rows, noun: "faces compared")
        let faces = try state.clusters(
            threads: jobs, including: { isUnknown?[$0.row] ?? true }, progress: progress.advance,
            goesOn: { !StopRequest.isAsked })
        progress.clear()
        let lines = faces.map {
            ClusteredFaceRecord(
                cluster: $0.cluster, photo: $0.photo, digest: $0.digest, box: $0.face.box, score: $0.face.score,
                isDoubtful: $0.face.isDoubtful)
        }
        if let folder {
            if state.graph.comparedRows != before || account.known > 0 { try folder.write(state) }
            try folder.write(faces, lines: lines.flatMap { line throws(CommandFailure) in try jsonLine(line) })
        }
        if console.json || folder == nil { try ClusterPrinter(console: console).print(lines) }
        tell(account, state, lines, similarity, folder)
    }

    private func tell(
        _ account: Account, _ state: ClusterState, _ lines: [ClusteredFaceRecord], _ similarity: Double,
        _ folder: ClusterFolder?
    ) {
        var parts = ["\(account.done) photos"]
        if account.known > 0 { parts.append("\(account.known) known before") }
        if account.withoutFace > 0 { parts.append("\(account.withoutFace) without a face") }
        if account.refused > 0 { parts.append("\(account.refused) that cannot be used") }
        console.note(parts.joined(separator: ", "))
        console.note(ClusterPrinter.summary(lines, noun: "face", similarity))
        guard let folder, lines.first?.cluster != nil else { return }
        console.note(
            "pictures are in \(printable(folder.path))/clusters; to enrol one: facegallery enroll -g GALLERY "
                + "--from-cluster \(printable(folder.path)) --cluster 1 --subject NAME")
    }

    /// Takes the faces of photos into the state.
    private func embed(
        _ photos: [PhotoItem], _ encoder: PhotoEncoder, _ folder: ClusterFolder?, into state: inout ClusterState
    ) throws -> Account {
        var account = Account()
        var progress = Progress(noun: "photos")
        var lastSave = ContinuousClock.now
        let embedding = PhotoEmbedding(encoder: encoder, jobs: jobs, stop: UserStop())
        for start in stride(from: 0, to: photos.count, by: Self.chunk) where !StopRequest.isAsked {
            let part = Array(photos[start..<min(photos.count, start + Self.chunk)])
            try embedding.run(part, into: &state) { item, digest, outcome in
                progress.clear()
                switch outcome {
                case .known: account.known += 1
                case .added(let faces):
                    account.added += 1
                    if faces.isEmpty { account.withoutFace += 1 }
                    for (number, face) in faces.enumerated() {
                        try folder?.write(face.chip, digest: digest, number: number)
                    }
                case .refused(let error):
                    account.refused += 1
                    console.note("error: \(printable(Advice.line(error)))")
                    if item.isNamed { account.failure = account.failure ?? ExitCode(error) }
                }
                progress.show(account.done, of: photos.count, refused: account.refused)
            }
            if let folder, ContinuousClock.now - lastSave > Self.betweenSaves {
                try folder.write(state)
                lastSave = .now
            }
        }
        progress.clear()
        return account
    }

    /// Refuses a folder that would destroy an input, or whose pictures the next run would take for photos.
    private func checkPlace(of out: String, _ photos: [PhotoItem]) throws {
        let models = [arguments.value("--gallery"), arguments.value("--network")].compactMap(\.self)
        var outputs = Outputs(inputs: photos.map(\.path) + models)
        outputs.add("--out", out, .newFolder)
        try outputs.check()
        let place = URL(filePath: out).standardizedFileURL.resolvingSymlinksInPath().path
        for path in arguments.positionals where PhotoWalk.isFolder(path) {
            let folder = URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path
            guard place != folder, !place.hasPrefix(folder == "/" ? "/" : folder + "/") else {
                throw CommandFailure(
                    printable(
                        "\(out): --out is inside \(path), whose photos are grouped; use a folder outside of it"),
                    .usage)
            }
        }
    }

    /// A photo with a path that means the same in every working directory.
    private static func withWholePath(_ item: PhotoItem) throws -> PhotoItem {
        guard !item.path.hasPrefix("/") else { return item }
        let whole = PhotoItem(
            path: FileManager.default.currentDirectoryPath + "/" + item.path, subject: nil,
            isNamed: item.isNamed,
            problem: item.problem)
        return whole
    }
}
