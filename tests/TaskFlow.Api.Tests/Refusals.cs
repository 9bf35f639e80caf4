using TaskFlow.Testing;

namespace TaskFlow.Api.Tests;

internal static class Refusals
{
    /// <summary>Some refusal of the caller's request: in the 400s, and as problem details where our code had the say.</summary>
    public static ApiResponse Refused(this ApiResponse answer)
    {
        Assert.InRange(answer.Status, 400, 499);
        if (answer.Body.Length > 0) Assert.NotNull(answer.Code);
        return answer;
    }
}
