using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using TaskFlow.Contracts;

namespace TaskFlow.Api.Http;

/// <summary>Every error of this API: RFC 9457 problem details with a stable <c>code</c>.</summary>
internal static class Problems
{
    public const string ContentType = "application/problem+json";

    /// <summary>The field name for a body that could not be read at all.</summary>
    public const string Body = "body";

    public static ProblemHttpResult Validation(string field, string message) => Validation(new Dictionary<string, string[]> { [field] = [message] });

    public static ProblemHttpResult Validation(IDictionary<string, string[]> errors)
    {
        var problem = Create(StatusCodes.Status400BadRequest, ErrorCodes.ValidationFailed, "The request is not valid.");
        problem.ProblemDetails.Extensions["errors"] = errors;
        return problem;
    }

    public static ProblemHttpResult Unauthorized(string detail = "A valid access token is needed.") =>
        Create(StatusCodes.Status401Unauthorized, ErrorCodes.Unauthorized, detail);

    public static ProblemHttpResult Forbidden(string detail = "Your role does not allow this.") =>
        Create(StatusCodes.Status403Forbidden, ErrorCodes.Forbidden, detail);

    public static ProblemHttpResult NotFound(string detail = "There is no such thing here.") =>
        Create(StatusCodes.Status404NotFound, ErrorCodes.NotFound, detail);

    public static ProblemHttpResult MethodNotAllowed() =>
        Create(StatusCodes.Status405MethodNotAllowed, ErrorCodes.MethodNotAllowed, "This path does not have that method.");

    public static ProblemHttpResult Conflict(string detail) => Create(StatusCodes.Status409Conflict, ErrorCodes.Conflict, detail);

    public static ProblemHttpResult Gone(string detail = "It is used up, revoked or expired.") => Create(StatusCodes.Status410Gone, ErrorCodes.Gone, detail);

    /// <summary>If-Match named another version; <paramref name="current"/> is the object as it is now.</summary>
    public static ProblemHttpResult VersionMismatch(object current)
    {
        var problem = Create(StatusCodes.Status412PreconditionFailed, ErrorCodes.VersionMismatch, "It has been changed since the version in If-Match.");
        problem.ProblemDetails.Extensions["current"] = current;
        return problem;
    }

    public static ProblemHttpResult TooLarge(string detail = "The body is larger than 1 MB.") =>
        Create(StatusCodes.Status413PayloadTooLarge, ErrorCodes.TooLarge, detail);

    public static ProblemHttpResult UnsupportedMediaType() =>
        Create(StatusCodes.Status415UnsupportedMediaType, ErrorCodes.UnsupportedMediaType, "The body must be application/json in UTF-8.");

    public static ProblemHttpResult RateLimited() =>
        Create(StatusCodes.Status429TooManyRequests, ErrorCodes.RateLimited, "Too many requests. Retry-After says when to try again.");

    /// <summary>A dependency is away. Set Retry-After with <see cref="RetryAfter"/> or throw it as a <see cref="ProblemException"/>, which does.</summary>
    public static ProblemHttpResult Unavailable(TimeSpan retryAfter, string detail = "The database is not available just now.")
    {
        var problem = Create(StatusCodes.Status503ServiceUnavailable, ErrorCodes.Unavailable, detail);
        problem.ProblemDetails.Extensions["retryAfterSeconds"] = Seconds(retryAfter);
        return problem;
    }

    /// <summary>The problem for a bare status code that the framework answered with.</summary>
    public static ProblemHttpResult? ForStatus(int status) => status switch
    {
        StatusCodes.Status400BadRequest => Validation(Body, "The request could not be read."),
        StatusCodes.Status401Unauthorized => Unauthorized(),
        StatusCodes.Status403Forbidden => Forbidden(),
        StatusCodes.Status404NotFound => NotFound(),
        StatusCodes.Status405MethodNotAllowed => MethodNotAllowed(),
        StatusCodes.Status409Conflict => Conflict("It does not fit the present state."),
        StatusCodes.Status413PayloadTooLarge => TooLarge(),
        StatusCodes.Status415UnsupportedMediaType => UnsupportedMediaType(),
        StatusCodes.Status429TooManyRequests => RateLimited(),
        StatusCodes.Status503ServiceUnavailable => Unavailable(TimeSpan.FromSeconds(1)),
        >= 400 and < 500 => Create(status, ErrorCodes.ValidationFailed, "The request could not be served."),
        >= 500 => Internal(),
        _ => null,
    };

    /// <summary>A defect of ours. The detail says nothing; the log says everything.</summary>
    public static ProblemHttpResult Internal() =>
        Create(StatusCodes.Status500InternalServerError, "internal", "Something went wrong on our side.");

    /// <summary>Copies the waiting time of a problem, if it has one, into the Retry-After header.</summary>
    public static void RetryAfter(HttpResponse response, ProblemDetails problem)
    {
        if (problem.Extensions.TryGetValue("retryAfterSeconds", out var seconds) && seconds is int value) response.Headers.RetryAfter = value.ToString();
    }

    private static int Seconds(TimeSpan time) => Math.Max(1, (int)Math.Ceiling(time.TotalSeconds));

    private static ProblemHttpResult Create(int status, string code, string detail) => TypedResults.Problem(new ProblemDetails
    {
        Type = "about:blank",
        Status = status,
        Title = ReasonPhrases.GetReasonPhrase(status),
        Detail = detail,
        Extensions = { ["code"] = code },
    });
}

/// <summary>Ends a request with a problem from wherever it was noticed; a transaction around it is rolled back.</summary>
internal sealed class ProblemException(ProblemHttpResult problem) : Exception(problem.ProblemDetails.Detail)
{
    public ProblemHttpResult Problem { get; } = problem;
}
