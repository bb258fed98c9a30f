public import GalleryModel

extension StoreReading where Self: ~Copyable {
    /// The name under which the subject that `name` means is enrolled, or would be.
    ///
    /// That is the name itself where a subject has it byte for byte: older galleries hold names that are in no form.
    /// - Throws: `invalidName` for a name that no subject has, and that none can get.
    /// - Complexity: O(log subjects).
    public func enrolledName(of name: String) throws(StoreError) -> String {
        try transaction.enrolledName(name)
    }
}

extension StoreTransaction {
    func enrolledName(_ name: String) throws(StoreError) -> String {
        if let enrolled = try enrolledSubject(name)?.name { return enrolled }
        return try SubjectName.canonical(name)
    }

    /// The subject that a name means, with the name that it is enrolled under; nil if there is none.
    func enrolledSubject(_ name: String) throws(StoreError) -> (name: String, number: SubjectNumber)? {
        guard !name.isEmpty else { return nil }
        for form in [name] + SubjectName.otherForms(of: name) where form.utf8.count <= SubjectName.longest {
            if let number = try subjectNumber(.text(form)) { return (form, number) }
        }
        return nil
    }
}
