import Concurrency
import Files
import GalleryModel
import Network
import Synchronization
import TemplateStore

/// The work of a change of a gallery's network: what is made, what cannot be, and the exchange at the end.
struct TemplateGathering {
    /// References whose faces the network gets at once.
    static let parcelSize = 16
    /// References that may be made while nobody else can open the gallery.
    private static let mostAtLast = 64
    /// Old templates' readers let others write after so many references.
    private static let batchSize = 256

    let path: String
    let settings: MigrationSettings
    private let shouldStop: @Sendable () -> Bool
    var report: MigrationReport
    private var store: TemplateStore?
    private var migration: MigrationFolder?
    private var made: MadeTemplates?
    /// References that cannot be made again, of this run.
    private var missing: [ReferenceID: MissingReference] = [:]
    private var worker: MigrationWorker?
    private let chips = ChipSource()

    /// Opens the gallery, and clears what killed processes have left.
    init(
        at path: String, to target: StoreSettings, _ settings: MigrationSettings,
        shouldStop: @escaping @Sendable () -> Bool
    ) throws(GalleryError) {
        (self.path, self.settings, self.shouldStop) = (path, settings, shouldStop)
        let storage = try wrap { () throws(StoreError) in
            try LocalStorage(at: path, readOnly: settings.isDryRun)
        }
        report = MigrationReport(from: storage.settings, to: target)
        store = storage.store
        guard !report.wasThere, let store else { return }
        let plan = MigrationPlan(of: store, to: target)
        if let look = MigrationLook(of: store.folder), look.state(storage.settings) == .unfinished,
            look.plan != plan
        {
            throw .otherMigration(
                gallery: path, to: look.plan.settings.networkName, made: look.made, given: target.networkName)
        }
        guard !settings.isDryRun else { return }
        migration = try wrapFiles { () throws(FileError) in try MigrationFolder.taken(in: store.folder) }
        made = try wrapFiles { () throws(FileError) -> MadeTemplates? in
            guard let migration else { return nil }
            return try MadeTemplates(in: migration.folder)
        }
    }

    /// Closes the gallery, which must not be open when its file is exchanged.
    mutating func close() {
        store = nil
        chips.close()
    }

    private func openStore() throws(GalleryError) -> TemplateStore {
        if let store { return store }
        return try wrap { () throws(StoreError) in
            try TemplateStore(at: path, readOnly: settings.isDryRun)
        }
    }

    /// Counts the references, and refuses what a look at the records and the file system shows to be missing before
    /// anything is made.
    mutating func survey(_ onEvent: (MigrationEvent) throws -> Void) throws {
        let store = try openStore()
        var found = MissingReferences()
        var supply = MigrationSupply(store, made, skipping: [])
        while let item = try supply.next(batch: Self.batchSize) {
            if let missing = item.given ?? item.gone { found.add(missing) }
        }
        report.references = supply.seen
        report.madeBefore = supply.seen - supply.given
        if !settings.isDryRun {
            try refuse(found)
            try begin(store)
        }
        try onEvent(.begun(references: report.references, made: report.madeBefore))
    }

    /// Makes the folder where it is not there yet, and loads the network.
    private mutating func begin(_ store: TemplateStore) throws(GalleryError) {
        if migration == nil || made == nil {
            // What an earlier run left and cannot be continued.
            migration?.remove()
            let folder = try MigrationFolder.create(
                in: store.folder, MigrationPlan(of: store, to: report.to),
                copying: settings.network.contains("/") ? settings.network : nil)
            migration = folder
            made = try wrapFiles { () throws(FileError) in try MadeTemplates(in: folder.folder) }
        }
    }

    private mutating func workerAtWork(_ store: TemplateStore) throws(GalleryError) -> MigrationWorker {
        if let worker { return worker }
        let encoder = try PhotoEncoder(
            network: migration?.networkDirectory ?? settings.network, models: settings.models,
            limits: settings.limits, shouldStop: shouldStop)
        guard encoder.card.fingerprint == report.to.networkFingerprint else {
            throw .otherNetwork(
                gallery: path, galleryNetwork: report.to.networkName, given: encoder.card.name, differences: [])
        }
        let old = GalleryNetwork.find(path, report.from, settings.models)
        let found = MigrationWorker(
            encoder: encoder,
            enrolled: EnrolledFaces(
                directory: old.directory, fingerprint: report.from.networkFingerprint, models: settings.models),
            settings: settings, chips: chips)
        worker = found
        return found
    }

    /// Makes the templates of all references that have none yet.
    mutating func gather(_ onEvent: (MigrationEvent) throws -> Void) throws {
        let store = try openStore()
        self.store = store
        chips.open(store)
        let worker = try workerAtWork(store)
        let shouldStop = shouldStop
        let supply = Mutex(MigrationSupply(store, made, skipping: Set(missing.keys)))
        let total = try remaining(store)
        var done = 0
        var failure: GalleryError?
        try OrderedWork<MigrationItem, [(MigrationItem, MigrationOutcome)]>(
            width: settings.jobs, parcelSize: Self.parcelSize
        ).run(
            next: { _ in
                guard !shouldStop(), let item = try supply.withLock({ try $0.next(batch: Self.batchSize) })
                else { return .ended }
                return .input(item)
            },
            work: { items in Array(zip(items, worker.work(items))) },
            deliver: { results in
                let results = results ?? []
                for (_, outcome) in results {
                    switch outcome {
                    case .made, .possible: break
                    case .stopped: continue
                    case .missing(let one):
                        missing[one.reference] = one
                        report.missing.add(one)
                        try onEvent(.missing(one))
                    case .failed(let error): failure = failure ?? error
                    }
                    done += 1
                }
                try keep(results.map(\.1))
                if let failure { throw failure }
                try onEvent(.progress(done: done, of: max(total, done), missing: missing.count))
            })
        try wrapFiles { () throws(FileError) in try made?.synchronise() }
        report.isInterrupted = shouldStop()
    }

    private mutating func keep(_ outcomes: [MigrationOutcome]) throws(GalleryError) {
        var templates: [MadeTemplate] = []
        var fromChips = 0
        for case .made(let template, let fromChip) in outcomes {
            templates.append(template)
            if fromChip { fromChips += 1 }
        }
        guard let made, !templates.isEmpty else { return }
        try wrapFiles { () throws(FileError) in try made.add(templates) }
        report.made += templates.count
        report.madeFromChips += fromChips
    }

    private func remaining(_ store: TemplateStore) throws(GalleryError) -> Int {
        try MigrationSupply(store, made, skipping: Set(missing.keys)).count()
    }

    /// Refuses to go on where references cannot be made again that are still enrolled.
    func requireAll() throws(GalleryError) {
        let store = try openStore()
        var found = MissingReferences()
        for (id, one) in missing.sorted(by: { $0.key < $1.key }) {
            let isThere = try wrap { () throws(StoreError) in
                try store.read { reader throws(StoreError) in try reader.reference(id) != nil }
            }
            if isThere { found.add(one) }
        }
        try refuse(found)
    }

    private func refuse(_ found: MissingReferences) throws(GalleryError) {
        let isAll = found.count > 0 && found.count >= report.references
        guard found.count > 0, !settings.dropsMissing || isAll else { return }
        throw .cannotMakeAgain(
            gallery: path, network: report.to.networkName, references: report.references, found)
    }

    /// Puts the new templates in the place of the old.
    ///
    /// - Throws: `GalleryError.store(.cancelled)` where references were enrolled meanwhile that have to be made first, and
    ///   where the caller wants to stop.
    mutating func exchange(_ onEvent: (MigrationEvent) throws -> Void) throws {
        guard let made, let migration, let worker else { return }
        close()
        let (missing, dropsMissing, path) = (missing, settings.dropsMissing, path)
        var atLast = 0
        let exchange = TemplateExchange(
            made: made, isDropped: { dropsMissing && missing[$0] != nil },
            complete: { unmade throws(StoreError) in
                atLast = try Self.complete(unmade, worker, made)
            },
            beforehand: { () throws(StoreError) in try Self.removeIndex(of: path) },
            afterwards: { migration.finish(made.plan.settings) })
        var told: (any Error)?
        do throws(StoreError) {
            report.bytes = try TemplateStore.exchangeTemplates(
                at: path, exchange, patience: settings.patience,
                onWait: { do { try onEvent(.waiting) } catch { told = error } },
                shouldStop: { [shouldStop] in told != nil || shouldStop() })
        } catch { throw told ?? GalleryError.store(error) }
        report.made += atLast
        report.isDone = true
    }

    /// Makes the templates of the few references that were enrolled at the last moment.
    private static func complete(
        _ unmade: [ReferenceToMake], _ worker: MigrationWorker, _ made: MadeTemplates
    ) throws(StoreError) -> Int {
        guard unmade.count <= mostAtLast else { throw .cancelled }
        var count = 0
        for start in stride(from: 0, to: unmade.count, by: parcelSize) {
            let items = unmade[start...].prefix(parcelSize).map { MigrationItem($0, subject: "", template: []) }
            for outcome in worker.work(items) {
                // Whatever went wrong, the next pass tries this reference again and reports it.
                guard case .made(let template, _) = outcome,
                    (try? made.add([template])) != nil
                else { throw .cancelled }
                count += 1
            }
        }
        return count
    }

    /// Removes the index before the templates that it was made of.
    ///
    /// Where that is all that happens, the next search builds it again.
    private static func removeIndex(of path: String) throws(StoreError) {
        try LocalStorage.removeIndex(at: path + "/index")
    }
}
