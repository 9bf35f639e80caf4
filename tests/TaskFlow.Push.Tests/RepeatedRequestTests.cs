using System.Text;
using TaskFlow.Push.Transports;

namespace TaskFlow.Push.Tests;

/// <summary>What counts as the same request: nothing but the digits of the seq may differ.</summary>
public sealed class RepeatedRequestTests
{
    private const string Head = "GET /realtime/0b5c/poll?after=41&wait=25&connectionId=c-1 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer abc\r\n\r\n";
    private static readonly RepeatedRequest Request = RepeatedRequest.Of(Encoding.ASCII.GetBytes(Head))!;

    [Theory]
    [InlineData("0", 0)]
    [InlineData("7", 7)]
    [InlineData("42", 42)]
    [InlineData("0041", 41)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void Another_place_is_a_repetition_whatever_follows(string after, long expected)
    {
        var repetition = Head.Replace("after=41", $"after={after}", StringComparison.Ordinal);
        foreach (var ahead in (string[])["", "G", Head])
        {
            Assert.True(Request.TryMatch(Encoding.ASCII.GetBytes(repetition + ahead), out var place, out var length));
            Assert.Equal((expected, repetition.Length), (place, length));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("%31")]
    [InlineData("4 1")]
    [InlineData("1.0")]
    [InlineData("9223372036854775808")]
    [InlineData("99999999999999999999999")]
    [InlineData("41&after=42")]
    public void What_is_no_place_is_none(string after) => Assert.False(Matches(Head.Replace("after=41", $"after={after}", StringComparison.Ordinal)));

    [Fact]
    public void A_byte_that_is_changed_added_or_missing_makes_another_request()
    {
        var digits = Head.IndexOf("41", StringComparison.Ordinal);
        for (var i = 0; i < Head.Length; i++)
        {
            Assert.False(Matches(Head[..i]), $"the first {i} bytes");
            for (var value = 0; value < 256; value++)
            {
                var isPlace = i >= digits && i < digits + 2 && char.IsAsciiDigit((char)value);
                var changed = Encoding.Latin1.GetBytes(Head);
                changed[i] = (byte)value;
                Assert.Equal(isPlace || value == Head[i], Request.TryMatch(changed, out _, out _));
            }
            var isInDigits = i >= digits && i < digits + 2;
            Assert.Equal(isInDigits, Matches(Head.Remove(i, 1)));
            Assert.Equal(i >= digits && i <= digits + 2, Matches(Head.Insert(i, "1")));
        }
    }

    [Theory]
    [InlineData("GET /realtime/0b5c/poll?wait=25 HTTP/1.1\r\n\r\n")]
    [InlineData("GET /realtime/0b5c/poll?after= HTTP/1.1\r\n\r\n")]
    [InlineData("GET /realtime/0b5c/poll?hereafter=1 HTTP/1.1\r\n\r\n")]
    [InlineData("GET /realtime/0b5c/poll HTTP/1.1\r\nReferer: /?after=1\r\n\r\n")]
    [InlineData("POST /realtime/0b5c/poll?after=1 HTTP/1.1\r\n\r\n")]
    [InlineData("GET ?after=1")]
    [InlineData("")]
    public void What_has_no_place_in_its_first_line_is_no_pattern(string head) => Assert.Null(RepeatedRequest.Of(Encoding.ASCII.GetBytes(head)));

    private static bool Matches(string request) => Request.TryMatch(Encoding.ASCII.GetBytes(request), out _, out _);
}
