using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using TaskFlow.Api.Database;

namespace TaskFlow.Api.Http;

/// <summary>Turns every exception that reaches the top into problem details: the caller's mistakes, a dependency that is away, and the rest, which is ours.</summary>
internal sealed partial class ProblemExceptionHandler(ILogger<ProblemExceptionHandler> logger) : IExceptionHandler
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }
        await WriteAsync(httpContext, Map(exception));
        return true;
    }

    /// <summary>Answers with a problem, with its Retry-After where it has one.</summary>
    public static Task WriteAsync(HttpContext context, ProblemHttpResult problem)
    {
        if (problem.StatusCode == StatusCodes.Status401Unauthorized && context.Response.Headers.WWWAuthenticate.Count == 0) context.Response.Headers.WWWAuthenticate = "Bearer";
        Problems.RetryAfter(context.Response, problem.ProblemDetails);
        if (Activity.Current?.TraceId is { } trace) problem.ProblemDetails.Extensions.TryAdd("traceId", trace.ToString());
        return problem.ExecuteAsync(context);
    }

    private ProblemHttpResult Map(Exception exception)
    {
        switch (exception)
        {
            case ProblemException problem:
                return problem.Problem;
            case BadHttpRequestException { InnerException: JsonException json }:
                return JsonProblem(json);
            case BadHttpRequestException bad:
                return BadRequest(bad);
        }
        if (DatabaseFailures.IsUnstorableText(exception)) return Problems.Validation(Problems.Body, "Contains text that cannot be stored.");
        if (DatabaseFailures.IsUnavailable(exception))
        {
            if (DatabaseFailures.IsRefusedLogin(exception)) LogRefusedLogin(exception.Message);
            else LogUnavailable(exception.Message);
            return Problems.Unavailable(RetryAfter);
        }
        LogUnexpected(exception);
        return Problems.Internal();
    }

    /// <summary>A body that is no JSON is the body's fault; JSON of a wrong shape is that of the field where reading stopped.</summary>
    private static ProblemHttpResult JsonProblem(JsonException exception)
    {
        // An inner JsonException comes from the reader: a syntax error, wherever it was noticed.
        var field = exception.InnerException is JsonException ? null : FieldOf(exception.Path);
        return field is null
            ? Problems.Validation(Problems.Body, "Is not valid JSON of the expected form.")
            : Problems.Validation(field, "Has a value of the wrong type or form.");
    }

    private static string? FieldOf(string? path)
    {
        if (path is null || !path.StartsWith("$.", StringComparison.Ordinal)) return null;
        var end = path.AsSpan(2).IndexOfAny('.', '[');
        return end < 0 ? path[2..] : end == 0 ? null : path.Substring(2, end);
    }

    private static ProblemHttpResult BadRequest(BadHttpRequestException exception) => exception.StatusCode switch
    {
        StatusCodes.Status400BadRequest => ParameterOf(exception.Message) is { } parameter
            ? Problems.Validation(parameter, "Is missing or has a value of the wrong type.")
            : Problems.Validation(Problems.Body, "The request could not be read."),
        var status => Problems.ForStatus(status) ?? Problems.Internal(),
    };

    /// <summary>
    /// Minimal APIs name the parameter only in the message: <c>Failed to bind parameter "int n" from "x".</c> or <c>Required parameter "int n" was not
    /// provided from query string.</c> Whatever else they say is about the body.
    /// </summary>
    private static string? ParameterOf(string message)
    {
        if (!message.StartsWith("Failed to bind parameter", StringComparison.Ordinal) && !message.EndsWith("from query string.", StringComparison.Ordinal)) return null;
        var start = message.IndexOf('"');
        var end = start < 0 ? -1 : message.IndexOf('"', start + 1);
        if (end < 0) return null;
        var parameter = message.AsSpan(start + 1, end - start - 1);
        return parameter[(parameter.LastIndexOf(' ') + 1)..].ToString();
    }

    [LoggerMessage(LogLevel.Warning, "The database is not available: {Reason}")]
    private partial void LogUnavailable(string reason);

    [LoggerMessage(LogLevel.Error, "Postgres refuses the login that the connection string gives, until one of them is changed: {Reason}")]
    private partial void LogRefusedLogin(string reason);

    [LoggerMessage(LogLevel.Error, "A request ended in an unexpected exception")]
    private partial void LogUnexpected(Exception exception);
}
