import TestSupport

/// What of a disk is sure to be found after a power failure, and what may be found.
///
/// Sure is what was synced: bytes of a file by a sync of that file, a name by a sync of its folder. Of the bytes that
/// were written since, any sectors may be there or not, in any order; of the names that were made, changed or removed
/// since, any too. That is more than file systems with a journal lose, and all that POSIX promises.
struct Disk {
    /// A file or folder; unlike numbers of inodes these are not given again.
    private typealias Node = Int

    private struct File {
        /// What is on the disk for certain.
        var bytes: [UInt8] = []
        var pending: [Change] = []
    }

    private enum Change {
        case write(offset: Int, bytes: [UInt8], isDurable: Bool)
        case resize(Int)
    }

    private struct NameChange {
        var folders: [Node]
        var removed: (folder: Node, name: String)?
        var set: (folder: Node, name: String, node: Node)?
    }

    /// How much of what is not sure is found.
    struct Luck {
        /// Chances that a sector, a change of a size and a change of a name are there.
        var bytes, names: Double
        /// Bytes of a sector, which is written whole or not at all.
        var sector = 512
        /// Whether files have their full length, with zeros where nothing was written.
        var keepsSizes = false

        static let none = Luck(bytes: 0, names: 0)
        static let all = Luck(bytes: 1, names: 1)
    }

    private static let root: Node = 0
    /// What has an inode number now.
    private var nodes: [DiskEvent.Inode: Node]
    private var nextNode: Node = 1
    private var files: [Node: File] = [:]
    private var folders: [Node: [String: Node]] = [root: [:]]
    private var pendingNames: [NameChange] = []

    init(root: DiskEvent.Inode) { nodes = [root: Self.root] }

    /// Applies an event; events of files outside the gallery are ignored.
    mutating func take(_ event: DiskEvent) {
        switch event {
        case .make(let folder, let name, let inode, let isFolder):
            guard let folder = nodes[folder], folders[folder] != nil else {
                nodes[inode] = nil
                return
            }
            let node = nextNode
            nextNode += 1
            nodes[inode] = node
            if isFolder { folders[node] = [:] } else { files[node] = File() }
            pendingNames.append(NameChange(folders: [folder], set: (folder, name, node)))
        case .write(let inode, let offset, let bytes, let isDurable):
            guard let node = nodes[inode] else { return }
            files[node]?.pending.append(.write(offset: offset, bytes: bytes, isDurable: isDurable))
        case .resize(let inode, let size):
            guard let node = nodes[inode] else { return }
            files[node]?.pending.append(.resize(size))
        case .sync(let inode):
            guard let node = nodes[inode] else { return }
            synchronise(node)
        case .rename(let folder, let name, let toFolder, let toName, let inode):
            guard let folder = nodes[folder], let toFolder = nodes[toFolder], let node = nodes[inode] else {
                return
            }
            pendingNames.append(
                NameChange(
                    folders: [folder, toFolder], removed: (folder, name), set: (toFolder, toName, node)))
        case .remove(let folder, let name):
            guard let folder = nodes[folder] else { return }
            pendingNames.append(NameChange(folders: [folder], removed: (folder, name)))
        case .tell: break
        }
    }

    private mutating func synchronise(_ node: Node) {
        if let file = files[node] {
            files[node] = File(bytes: Self.image(of: file, .all) { _ in true })
        }
        guard folders[node] != nil else { return }
        for change in pendingNames where change.folders.contains(node) { Self.apply(change, to: &folders) }
        pendingNames.removeAll { $0.folders.contains(node) }
    }

    private static func apply(_ change: NameChange, to folders: inout [Node: [String: Node]]) {
        if let (folder, name) = change.removed { folders[folder]?[name] = nil }
        if let (folder, name, node) = change.set { folders[folder]?[name] = node }
    }

    /// The bytes of a file, with the sectors that `keeps` lets through.
    private static func image(of file: File, _ luck: Luck, keeps: (Double) -> Bool) -> [UInt8] {
        var bytes = file.bytes
        var longest = bytes.count
        func put(_ some: ArraySlice<UInt8>, at offset: Int) {
            let end = offset + some.count
            if bytes.count < end { bytes += [UInt8](repeating: 0, count: end - bytes.count) }
            bytes.replaceSubrange(offset..<end, with: some)
        }
        for change in file.pending {
            switch change {
            case .resize(let size):
                guard keeps(luck.bytes) else { continue }
                longest = size
                if size <= bytes.count {
                    bytes.removeLast(bytes.count - size)
                } else {
                    bytes += [UInt8](repeating: 0, count: size - bytes.count)
                }
            case .write(let offset, let some, let isDurable):
                longest = max(longest, offset + some.count)
                if isDurable || luck.bytes == 1 {
                    put(some[...], at: offset)
                    continue
                }
                if luck.bytes == 0 { continue }
                var place = offset
                while place < offset + some.count {
                    let end = min((place / luck.sector + 1) * luck.sector, offset + some.count)
                    if keeps(luck.bytes) { put(some[place - offset..<end - offset], at: place) }
                    place = end
                }
            }
        }
        if luck.keepsSizes, bytes.count < longest {
            bytes += [UInt8](repeating: 0, count: longest - bytes.count)
        }
        return bytes
    }

    /// What a power failure now leaves: the bytes of each file by its path, and folders, which end with a slash.
    func afterPowerLoss(_ luck: Luck, _ generator: inout SeededGenerator) -> [String: [UInt8]] {
        func keeps(_ chance: Double) -> Bool {
            chance >= 1 || Double.random(in: 0..<1, using: &generator) < chance
        }
        var names = folders
        for change in pendingNames where keeps(luck.names) { Self.apply(change, to: &names) }
        var found: [String: [UInt8]] = [:]
        func walk(_ folder: Node, _ path: String) {
            for (name, node) in (names[folder] ?? [:]).sorted(by: { $0.key < $1.key }) {
                if folders[node] != nil {
                    found[path + name + "/"] = []
                    walk(node, path + name + "/")
                } else if let file = files[node] {
                    found[path + name] = Self.image(of: file, luck, keeps: keeps)
                }
            }
        }
        walk(Self.root, "")
        return found
    }
}
