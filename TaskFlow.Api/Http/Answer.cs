using System.Text.Json;

namespace TaskFlow.Api.Http;

/// <summary>
/// The answer to a POST or PATCH, written out already in its transaction, so that it can be kept with the change under an Idempotency-Key and
/// be given again as it was (see <see cref="Mutation"/>). Say with <c>Produces&lt;T&gt;(status)</c> on the route what it holds.
/// </summary>
internal sealed class Answer : IResult
{
    private Answer(int status, byte[]? body, string? location, string? etag, bool isSecret) =>
        (Status, Body, Location, ETag, IsSecret) = (status, body, location, etag, isSecret);

    public int Status { get; }
    public byte[]? Body { get; }
    public string? Location { get; }
    public string? ETag { get; }

    /// <summary>Whether the body holds something that must not lie in the database in clear.</summary>
    public bool IsSecret { get; }

    public static Answer Ok<T>(T value, string? etag = null) => new(StatusCodes.Status200OK, Write(value), null, etag, false);

    public static Answer Created<T>(string location, T value, string? etag = null, bool isSecret = false) =>
        new(StatusCodes.Status201Created, Write(value), location, etag, isSecret);

    public static Answer NoContent() => new(StatusCodes.Status204NoContent, null, null, null, false);

    /// <summary>An answer that was given before.</summary>
    public static Answer Again(int status, byte[]? body, string? location, string? etag) => new(status, body, location, etag, false);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        if (Location is not null) response.Headers.Location = Location;
        if (ETag is not null) response.Headers.ETag = ETag;
        if (Body is null) return Task.CompletedTask;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = Body.Length;
        return response.Body.WriteAsync(Body, httpContext.RequestAborted).AsTask();
    }

    private static byte[] Write<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, ApiJson.TypeInfo<T>());
}
