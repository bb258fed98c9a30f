import ArgumentParsing
import Service
import Wire

let keys = Verb(
    specification: CommandSpecification(
        "keys", abstract: "Make, list and revoke the keys of a server.",
        discussion: """
            create makes a key and prints it once: only a hash of it is kept, in the gallery's folder. list shows the
            keys without their secrets, and revoke takes one out by its id; a server that runs notices within a second.

            A key has a role: read asks, enroll enrols as well, admin renames, merges and removes as well.
            """,
        positionals: [
            PositionalSpecification(
                "action", .oneOrMore, completion: .words(["create", "list", "revoke"]),
                help: "create, list, or revoke and an id.")
        ],
        options: [
            Shared.gallery,
            OptionSpecification(
                "--galleries", value: "DIR",
                help: "The keys of a folder of galleries, as serve --galleries has it."),
            OptionSpecification(
                "--role", value: "ROLE", completion: .choice(of: Role.self),
                help: "What a new key allows: read, enroll or admin."),
            OptionSpecification(
                "--only", value: "NAME", repeats: true,
                help: "A gallery that a new key is for (default: all in the folder); may be repeated."),
            OptionSpecification(
                "--days", value: "N", help: "Days after which a new key ends (default: never)."),
            Shared.json,
        ],
        example: """
            facegallery keys create -g faces --role enroll
            facegallery keys list -g faces
            """),
    run: { arguments, console in
        let file = KeyFile(in: try arguments.keyFolder())
        let words = arguments.positionals
        if words[0] != "create" {
            for option in ["--role", "--only", "--days"] where arguments.value(option) != nil {
                throw UsageError("\(option) is only for create", command: "keys")
            }
        }
        switch (words[0], words.count) {
        case ("create", 1): try create(in: file, arguments, console)
        case ("list", 1): try list(file, console)
        case ("revoke", 2):
            try file.revoke(words[1])
            console.note("revoked \(printable(words[1]))")
            if console.json { try console.print(json: KeyRevocationRecord(words[1])) }
        case ("create", _), ("list", _):
            throw UsageError("'\(words[0])' takes no further argument", command: "keys")
        case ("revoke", _): throw UsageError("revoke needs the id of one key", command: "keys")
        default: throw UsageError("'\(words[0])' is not create, list or revoke", command: "keys")
        }
        return .done
    })

private func create(in file: KeyFile, _ arguments: ParsedArguments, _ console: Console) throws {
    guard let role = try arguments.choice("--role", as: Role.self) else {
        throw UsageError("create needs --role read, enroll or admin", command: "keys")
    }
    let galleries = arguments.allValues("--only")
    let days = try arguments.real("--days", in: 0.0001...36_500)
    let made = try file.create(
        role, galleries: galleries.isEmpty ? nil : galleries, lifetime: days.map { $0 * 86_400 })
    if console.json {
        try console.print(json: KeyRecord(made.kept, key: made.key))
    } else {
        try console.print(made.key)
    }
    console.note(
        "key \(made.kept.id) with the role \(role.rawValue); it is shown only now, so keep it in a safe place")
}

private func list(_ file: KeyFile, _ console: Console) throws {
    for key in try file.read() ?? [] {
        if console.json {
            try console.print(json: KeyRecord(key, key: nil))
        } else {
            let galleries = key.galleries.map { $0.map(printable).joined(separator: ", ") } ?? "all galleries"
            let end = key.expires.map { "\tuntil \(whole($0)) s since 1970" } ?? ""
            try console.print("\(key.id)\t\(key.role.rawValue)\t\(galleries)\(end)")
        }
    }
}

extension KeyRecord {
    fileprivate init(_ kept: AccessKey, key: String?) {
        self.init(
            id: kept.id, key: key, role: kept.role.rawValue, galleries: kept.galleries, created: kept.created,
            expires: kept.expires)
    }
}

extension ParsedArguments {
    /// The folder whose keys the user means.
    fileprivate func keyFolder() throws(UsageError) -> String {
        guard let folder = value("--galleries") else { return try galleryPath() }
        guard value("--gallery") == nil else {
            throw UsageError("use -g or --galleries, not both", command: "keys")
        }
        return folder
    }
}
