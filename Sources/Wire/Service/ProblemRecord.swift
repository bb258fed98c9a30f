/// Why a request of HTTP failed: `application/problem+json` of RFC 9457.
public struct ProblemRecord: Codable, Hashable, Sendable {
    /// `about:blank`: `code` says more.
    public var type: String
    /// The status in words.
    public var title: String
    /// The status of the answer.
    public var status: Int
    /// What is wrong, in a word that later versions keep.
    public var code: String
    /// What is wrong, with which input.
    public var detail: String
    /// The parameter, member or part that is wrong; nil where it is none of these.
    public var field: String?
    /// What to do; nil where the detail says it all.
    public var remedy: String?
    /// The number of the request, which the server's log has, too.
    public var requestId: String
    /// Why a photo or template was refused, in the words of refusals; nil for other problems.
    public var reason: String?
    /// What was measured, where the reason is a limit.
    public var measured: Double?
    /// The limit it missed.
    public var limit: Double?
    /// The reference that is there already, or the subject that looks like the photo's.
    public var duplicateOf: String?

    /// A problem of which no photo is the cause.
    package init(
        status: Int, title: String, code: String, detail: String, field: String? = nil, remedy: String? = nil,
        requestId: String
    ) {
        (type, self.title, self.status, self.code) = ("about:blank", title, status, code)
        (self.detail, self.field, self.remedy, self.requestId) = (detail, field, remedy, requestId)
    }
}
