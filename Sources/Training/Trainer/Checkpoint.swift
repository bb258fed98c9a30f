internal import FoundationEssentials
internal import Network

/// Everything a training needs to go on as if it had not stopped, in one file.
///
/// A safetensors file: the tensors of the network and of the loss by their names, the optimiser's moments as
/// `moment.NAME`, the moving average as `average`, what it began with, where the result has a share of it, as
/// `initial`, the best epoch's network as `best`; what is no tensor stands as JSON under `checkpoint` in the file's
/// free text, with the SHA-256 of every tensor, and its own SHA-256 as `checksum` beside it.
struct Checkpoint {
    /// Where a training stands.
    struct Position: Codable, Equatable {
        /// Steps that are done.
        var step = 0
        /// Epochs that are done, with their validation.
        var epoch = 0
        /// Steps of the epoch after them that are done.
        var stepInEpoch = 0
        /// Seconds of training.
        var seconds = 0.0
        /// What the epoch that is under way gave so far.
        var sums = EpochSums()
        /// Whether all epochs are done and the network is written.
        var isFinished = false

        /// Whether steps and sums agree with one another, and with an epoch's steps where they are known.
        func fits(stepsPerEpoch: Int?) -> Bool {
            guard step >= 0, epoch >= 0, 0...step ~= stepInEpoch, seconds >= 0, seconds.isFinite,
                sums.steps == stepInEpoch, sums.seconds >= 0,
                [sums.photos, sums.considered, sums.active].allSatisfy({ 0...(1 << 53) ~= $0 })
            else { return false }
            guard let stepsPerEpoch else { return true }
            let most = epoch.multipliedReportingOverflow(by: stepsPerEpoch)
            return stepInEpoch < stepsPerEpoch && !most.overflow && step - stepInEpoch <= most.partialValue
        }
    }

    private struct Facts: Codable {
        var format: Int
        var settings: TrainingSettings
        var photos: String
        /// Names of the people held out; nil in format 1.
        var heldOut: [String]?
        var position: Position
        var records: [EpochRecord]
        var card: NetworkCard
        var optimizerSteps: Int
        var averageUpdates: Int?
        var keptEpoch: Int?
        /// SHA-256 of each tensor's bytes, by its name; nil in format 1.
        var digests: [String: String]?

        /// What no training of these settings can have come to; nil if all is well.
        var fault: String? {
            do throws(TrainingError) { try settings.check() } catch { return "\(error)" }
            guard 0...settings.epochs ~= position.epoch, position.fits(stepsPerEpoch: nil) else {
                return "its position is not within \(settings.epochs) epochs"
            }
            guard optimizerSteps == position.step, averageUpdates ?? position.step == position.step,
                records.map(\.epoch) == Array(0...position.epoch)
            else { return "its parts belong to different steps" }
            if let keptEpoch, !(1...max(1, position.epoch) ~= keptEpoch) {
                return "its best epoch is later than its position"
            }
            guard
                (settings.imported == true
                    ? card.isImported : card.architecture == settings.architecture.rawValue),
                card.dimension == settings.dimension,
                card.input.side == settings.resolved.side, card.alignment.isWholePhoto != settings.detect
            else { return "its card describes another network than its settings" }
            return card.fault.map { "its card's \($0)" }
        }
    }

    static let fileName = "checkpoint.safetensors"

    var settings: TrainingSettings
    /// The fingerprint of the photos.
    var photos: String
    /// Names of the people held out.
    var heldOut: [String]
    var position: Position
    var records: [EpochRecord]
    /// The card of the result, as far as it is known before training.
    var card: NetworkCard
    var parameters: NetworkParameters
    var moments: [(name: String, values: [Float])]
    var optimizerSteps: Int
    var average: [Float]?
    var averageUpdates: Int?
    var initial: [Float]?
    var kept: KeptEpoch?

    /// Format 1, of earlier versions, has no checksums and no best epoch.
    private static let format = 2

    /// All parts, for writing.
    init(
        settings: TrainingSettings, photos: String, heldOut: [String], position: Position,
        records: [EpochRecord], card: NetworkCard, parameters: NetworkParameters,
        moments: [(name: String, values: [Float])],
        optimizerSteps: Int,
        average: [Float]?, averageUpdates: Int?, initial: [Float]?, kept: KeptEpoch?
    ) {
        (self.settings, self.photos, self.position, self.records) = (settings, photos, position, records)
        (self.heldOut, self.card) = (heldOut, card)
        (self.parameters, self.moments, self.optimizerSteps) = (parameters, moments, optimizerSteps)
        (self.average, self.averageUpdates, self.initial) = (average, averageUpdates, initial)
        self.kept = kept
    }

    /// Writes the checkpoint aside, syncs it, and puts it in the old one's place.
    ///
    /// - Throws: `cannotWrite`; the old checkpoint is untouched then.
    func write(to path: String) throws(TrainingError) {
        var tensors = parameters.entries.map { entry in
            (name: entry.name, shape: entry.shape, values: Array(parameters.values[entry.range]))
        }
        tensors += moments.map { ("moment." + $0.name, [$0.values.count], $0.values) }
        if let average { tensors.append(("average", [average.count], average)) }
        if let initial { tensors.append(("initial", [initial.count], initial)) }
        if let kept { tensors.append(("best", [kept.values.count], kept.values)) }
        let digests = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, Self.digest(of: $0.values)) })
        let facts = Facts(
            format: Self.format, settings: settings, photos: photos, heldOut: heldOut, position: position,
            records: records,
            card: card, optimizerSteps: optimizerSteps, averageUpdates: averageUpdates,
            keptEpoch: kept?.epoch, digests: digests)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let bytes: [UInt8]
        do {
            let text = String(decoding: try encoder.encode(facts), as: UTF8.self)
            bytes = try SafeTensors.encode(
                tensors, metadata: [Self.text: text, Self.checksum: SHA256.hex(of: Array(text.utf8))])
        } catch {
            throw .cannotWrite(path: path, reason: "it contains a number that JSON cannot express")
        }
        try SafeWriting.replace(path, with: bytes)
    }

    /// Reads a checkpoint; `parameters` gives the tensors that are expected, with values of no interest.
    ///
    /// - Throws: `noCheckpoint`, `badCheckpoint`.
    init(path: String, parameters like: NetworkParameters) throws(TrainingError) {
        let (file, facts) = try Self.open(path)
        (settings, photos, position, records) = (facts.settings, facts.photos, facts.position, facts.records)
        (heldOut, card) = (facts.heldOut ?? [], facts.card)
        (optimizerSteps, averageUpdates) = (facts.optimizerSteps, facts.averageUpdates)
        func tensor(_ name: String, _ shape: [Int]) throws(TrainingError) -> [Float] {
            let values: [Float]
            do throws(NetworkError) { values = try file.values(name, shape: shape) } catch {
                throw .badCheckpoint(path: path, reason: "\(error)")
            }
            guard let digests = facts.digests, digests[name] != Self.digest(of: values) else { return values }
            throw .badCheckpoint(
                path: path, reason: "tensor \(name) is damaged: its checksum is wrong"
            )
        }
        var values: [Float] = []
        values.reserveCapacity(like.values.count)
        for entry in like.entries { values += try tensor(entry.name, entry.shape) }
        parameters = like
        parameters.values = values
        let count = like.values.count
        moments = []
        for name in file.names where name.hasPrefix("moment.") {
            moments.append((String(name.dropFirst(7)), try tensor(name, [count])))
        }
        if facts.averageUpdates != nil { average = try tensor("average", [count]) }
        if let share = settings.keepInitial, share > 0 { initial = try tensor("initial", [count]) }
        if let epoch = facts.keptEpoch {
            kept = KeptEpoch(epoch: epoch, values: try tensor("best", [count]))
        }
    }

    private static let text = "checkpoint", checksum = "checksum"

    /// SHA-256 of the values' bytes.
    private static func digest(of values: [Float]) -> String {
        SHA256.hex(of: unsafe values.withUnsafeBytes { unsafe Array($0) })
    }

    /// The settings, without the tensors' checks.
    static func settings(of path: String) throws(TrainingError) -> TrainingSettings {
        try open(path).1.settings
    }

    /// What a checkpoint says beside its tensors.
    struct Standing {
        var settings: TrainingSettings
        var position: Position
        var records: [EpochRecord]
        var card: NetworkCard
        /// The epoch whose weights are the result; nil for the last.
        var kept: Int?
    }

    /// The settings and where the training stands, without the tensors' checks.
    static func standing(of path: String) throws(TrainingError) -> Standing {
        let facts = try open(path).1
        return Standing(
            settings: facts.settings, position: facts.position,
            records: facts.records, card: facts.card, kept: facts.keptEpoch)
    }

    private static func open(_ path: String) throws(TrainingError) -> (SafeTensors, Facts) {
        guard SafeWriting.exists(path) else { throw .noCheckpoint(path: path) }
        do {
            let file = try SafeTensors(path: path)
            guard let text = file.metadata[Self.text] else {
                throw TrainingError.badCheckpoint(
                    path: path, reason: "it does not contain the state of the training")
            }
            let checksum = file.metadata[Self.checksum]
            guard checksum == nil || checksum == SHA256.hex(of: Array(text.utf8)) else {
                throw TrainingError.badCheckpoint(
                    path: path,
                    reason:
                        "the state of the training is damaged: its checksum is wrong")
            }
            let facts = try JSONDecoder().decode(Facts.self, from: Data(text.utf8))
            guard 1...Self.format ~= facts.format else {
                throw TrainingError.badCheckpoint(
                    path: path, reason: "format \(facts.format); this build reads formats 1 to \(Self.format)")
            }
            guard facts.format == 1 || (checksum != nil && facts.digests != nil) else {
                throw TrainingError.badCheckpoint(path: path, reason: "its checksums are missing")
            }
            if let fault = facts.fault {
                throw TrainingError.badCheckpoint(path: path, reason: fault)
            }
            return (file, facts)
        } catch let error as TrainingError {
            throw error
        } catch let error as NetworkError {
            throw .badCheckpoint(path: path, reason: "\(error)")
        } catch {
            throw .badCheckpoint(path: path, reason: "the state of the training is incomplete")
        }
    }
}

/// What the steps of an epoch add up to.
struct EpochSums: Codable, Equatable {
    var loss = 0.0
    var norm = 0.0
    var active = 0
    var considered = 0
    var photos = 0
    var steps = 0
    var seconds = 0.0
}
