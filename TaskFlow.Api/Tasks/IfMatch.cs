using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace TaskFlow.Api.Tasks;

/// <summary>The If-Match header (RFC 9110, 13.1.1).</summary>
internal static class IfMatch
{
    /// <summary>Whether the header names the tag: <c>*</c> does, one of several does, a weak one or anything malformed does not.</summary>
    public static bool Includes(StringValues header, string tag) =>
        EntityTagHeaderValue.TryParseStrictList(header.ToArray()!, out var tags)
        && tags.Any(sent => sent.Equals(EntityTagHeaderValue.Any) || (!sent.IsWeak && sent.Tag == tag));
}
