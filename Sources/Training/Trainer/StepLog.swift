internal import Network

/// `steps.csv`: one row per step, for plots that need more than epochs.
struct StepLog {
    static let fileName = "steps.csv"
    static let header =
        "epoch,step,loss,active,considered,learning_rate,gradient_norm,photos,seconds\n"
    /// Rows that are kept in memory at most.
    private static let most = 100

    private let path: String
    private var rows: [String] = []

    /// Goes on with a folder's file, less the rows of steps that no checkpoint remembers, or begins one.
    ///
    /// - Throws: `cannotWrite`.
    init(folder: String, after step: Int) throws(TrainingError) {
        path = folder + "/" + Self.fileName
        var text = Self.header
        if step > 0, let bytes = try? readFile(path, limit: 1 << 30) {
            for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst() {
                let fields = line.split(separator: ",")
                if fields.count == 9, let number = Int(fields[1]), number <= step { text += line + "\n" }
            }
        }
        try SafeWriting.replace(path, with: Array(text.utf8))
    }

    /// Adds the row of the step that `learner` has just made.
    mutating func add(
        _ result: LossResult, of learner: Learner, rate: Float, photos: Int
    ) throws(TrainingError) {
        let position = learner.position
        rows.append(
            "\(position.epoch + 1),\(position.step),\(result.loss),\(result.active),\(result.considered),\(rate),"
                + "\(learner.lastNorm),\(photos),\(position.seconds)\n")
        if rows.count >= Self.most { try flush() }
    }

    /// Writes what is kept in memory.
    mutating func flush() throws(TrainingError) {
        guard !rows.isEmpty else { return }
        try SafeWriting.append(Array(rows.joined().utf8), to: path)
        rows = []
    }
}
