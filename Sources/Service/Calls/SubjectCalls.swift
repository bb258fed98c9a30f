import Gallery
import GalleryModel
import HTTPServer
import Wire

extension CallTable {
    static let subjectCalls: [ServiceCall] = [
        ServiceCall(
            "GET", "/v1/galleries/{gallery}/subjects", "list_subjects",
            "List the subjects, in the order of their names.",
            role: .read,
            query: [
                QueryParameter("prefix", .text(longest: SubjectName.longest), "Only names that begin with it."),
                QueryParameter(
                    "cursor", .text(longest: SubjectName.longest), "What the last answer gave as `next`."),
                QueryParameter("limit", .integer(1...10_000), "Subjects in an answer (100 without it)."),
            ],
            answer: AnswerForm(SubjectPageRecord.self, "Some of the subjects, and how to get the next ones."),
            run: list),
        ServiceCall(
            "GET", "/v1/galleries/{gallery}/subjects/{subject}", "show_subject", "Show a subject's references.",
            role: .read, answer: AnswerForm(SubjectDetailRecord.self, "The subject with its references."),
            run: show),
        ServiceCall(
            "PATCH", "/v1/galleries/{gallery}/subjects/{subject}", "rename_subject",
            "Give a subject another name.",
            role: .admin, body: .text(member: "subject", meaning: "The new name."),
            answer: AnswerForm(ChangeRecord.self, "It has the new name."), problems: [409, 415, 422],
            run: rename),
        ServiceCall(
            "DELETE", "/v1/galleries/{gallery}/subjects/{subject}", "remove_subject",
            "Remove a subject with all its references.", role: .admin,
            answer: AnswerForm(ChangeRecord.self, "It is removed."), run: remove),
        ServiceCall(
            "POST", "/v1/galleries/{gallery}/subjects/{subject}/merge", "merge_subject",
            "Move all references of a subject to another, and remove the first.", role: .admin,
            body: .text(member: "into", meaning: "The subject that gets the references."),
            answer: AnswerForm(ChangeRecord.self, "They are one subject now."), problems: [415, 422], run: merge
        ),
    ]

    static let referenceCalls: [ServiceCall] = [
        ServiceCall(
            "GET", "/v1/galleries/{gallery}/references/{reference}", "show_reference", "Show a reference.",
            role: .read,
            answer: AnswerForm(ReferenceRecord.self, "The reference."), run: showReference),
        ServiceCall(
            "DELETE", "/v1/galleries/{gallery}/references/{reference}", "remove_reference",
            "Remove a reference, and its subject with the last of them.", role: .admin,
            answer: AnswerForm(ChangeRecord.self, "It is removed."), run: removeReference),
    ]

    private struct PageIsFull: Error {}

    private static func list(_ call: CallContext) throws -> HTTPResponse {
        let gallery = try call.gallery().gallery
        let limit = call.query.integer("limit") ?? 100
        let prefix = Array((call.query.text("prefix") ?? "").utf8)
        let cursor = call.query.text("cursor").map { Array($0.utf8) }
        var page: [SubjectRecord] = []
        var hasMore = false
        do {
            try gallery.forEachSubject { subject in
                let name = subject.name.utf8
                if let cursor, !cursor.lexicographicallyPrecedes(name) { return }
                guard name.starts(with: prefix) else {
                    // Names come in the order of their bytes: no later one begins so.
                    if prefix.lexicographicallyPrecedes(name) { throw PageIsFull() }
                    return
                }
                guard page.count < limit else {
                    hasMore = true
                    throw PageIsFull()
                }
                page.append(SubjectRecord(subject))
            }
        } catch is PageIsFull {}
        return try call.answer(SubjectPageRecord(page, next: hasMore ? page.last?.subject : nil))
    }

    private static func show(_ call: CallContext) throws -> HTTPResponse {
        let gallery = try call.gallery().gallery
        let subject = try gallery.subject(named: call.subject).name
        let references = try gallery.references(of: subject)
        return try call.answer(
            SubjectDetailRecord(subject, references.map { ReferenceRecord($0, subject: subject) }))
    }

    private static func rename(_ call: CallContext) throws -> HTTPResponse {
        let gallery = try call.gallery().gallery
        let name = try call.body.text("subject")
        try gallery.rename(call.subject, to: name)
        return try call.answer(ChangeRecord("renamed", subject: gallery.enrolledName(of: name)))
    }

    private static func remove(_ call: CallContext) throws -> HTTPResponse {
        let served = try call.gallery()
        let count = try served.gallery.remove(subject: call.subject)
        call.service.keepPace(served)
        return try call.answer(ChangeRecord("removed", subject: call.subject, references: count))
    }

    private static func merge(_ call: CallContext) throws -> HTTPResponse {
        let gallery = try call.gallery().gallery
        let target = try call.body.text("into")
        let count = try gallery.references(of: call.subject).count
        try gallery.merge(call.subject, into: target)
        return try call.answer(
            ChangeRecord("merged", subject: gallery.enrolledName(of: target), references: count))
    }

    private static func showReference(_ call: CallContext) throws -> HTTPResponse {
        let id = try call.reference()
        guard let found = try call.gallery().gallery.namedReference(id) else {
            throw GalleryError.store(.unknownReference(id: id))
        }
        return try call.answer(ReferenceRecord(found.reference, subject: found.subject))
    }

    private static func removeReference(_ call: CallContext) throws -> HTTPResponse {
        let served = try call.gallery()
        try served.gallery.remove(reference: call.reference())
        call.service.keepPace(served)
        return try call.answer(ChangeRecord("removed", references: 1))
    }
}

extension CallContext {
    /// The reference that the path names.
    ///
    /// - Throws: `Problem` 404 for what is no number.
    fileprivate func reference() throws(Problem) -> ReferenceID {
        guard let text = places["reference"], let id = ReferenceID(text), id > 0 else {
            throw Problem(404, "unknown_reference", "a reference is a whole number from 1", field: "reference")
        }
        return id
    }
}
