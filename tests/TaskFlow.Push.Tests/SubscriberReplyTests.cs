using System.Text;
using CsCheck;
using TaskFlow.Push.EventChannels;

namespace TaskFlow.Push.Tests;

/// <summary>What Redis says to a subscriber, however it is cut up on the way, and what it would never say.</summary>
public sealed class SubscriberReplyTests
{
    [Theory]
    [InlineData("*3\r\n$7\r\nmessage\r\n$4\r\nroom\r\n$5\r\nhel\r\n\r\n", ReplyKind.Message, "room", "hel\r\n")]
    [InlineData("*3\r\n$7\r\nmessage\r\n$4\r\nroom\r\n$0\r\n\r\n", ReplyKind.Message, "room", "")]
    [InlineData("*3\r\n$9\r\nsubscribe\r\n$4\r\nroom\r\n:12\r\n", ReplyKind.Subscribed, "room", "12")]
    [InlineData("*3\r\n$11\r\nunsubscribe\r\n$4\r\nroom\r\n:0\r\n", ReplyKind.Other, "room", "0")]
    [InlineData("*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n", ReplyKind.Other, "", "0")]
    [InlineData("*2\r\n$4\r\npong\r\n$0\r\n\r\n", ReplyKind.Other, "", "")]
    [InlineData("+OK\r\n", ReplyKind.Other, "OK", "")]
    [InlineData(":3\r\n", ReplyKind.Other, "3", "")]
    [InlineData("-NOAUTH Authentication required.\r\n", ReplyKind.Error, "NOAUTH Authentication required.", "")]
    internal void Each_reply_is_read_when_it_is_whole(string text, ReplyKind kind, string channel, string payload)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var length = 0; length < bytes.Length; length++) Assert.False(SubscriberReply.TryRead(bytes.AsSpan(0, length), out _, out _));
        Assert.True(SubscriberReply.TryRead([.. bytes, .. "*3\r\n$7\r\nmess"u8], out var reply, out var consumed));
        Assert.Equal((kind, channel, payload, bytes.Length), (reply.Kind, Encoding.UTF8.GetString(reply.Text), Encoding.UTF8.GetString(reply.Payload), consumed));
    }

    [Theory]
    [InlineData("hello\r\n")]
    [InlineData("\r\n")]
    [InlineData("$3\r\nabc\r\n")]
    [InlineData("*0\r\n")]
    [InlineData("*-1\r\n")]
    [InlineData("*4\r\n$7\r\nmessage\r\n")]
    [InlineData("*1x\r\n$7\r\nmessage\r\n")]
    [InlineData("*99999999999\r\n")]
    [InlineData("*3\r\n*7\r\nmessage\r\n")]
    [InlineData("*3\r\n$-2\r\n")]
    [InlineData("*3\r\n$7\r\nmessages\r\n")]
    [InlineData("*3\r\n$7\r\nmessage\r\n$4\r\nroom\r\n$99999999\r\n")]
    public void What_is_no_reply_is_refused_instead_of_waited_for(string text) =>
        Assert.Throws<InvalidDataException>(() => SubscriberReply.TryRead(Encoding.UTF8.GetBytes(text), out _, out _));

    [Fact]
    public void A_line_without_an_end_is_not_collected_for_ever() =>
        Assert.Throws<InvalidDataException>(() => SubscriberReply.TryRead(Encoding.UTF8.GetBytes("-" + new string('x', 4096)), out _, out _));

    [Fact]
    public void Any_messages_cut_anywhere_come_out_as_they_went_in() =>
        Gen.Select(Gen.Select(Gen.Byte.Array[0, 40], Gen.Byte.Array[0, 300]).Array[1, 20], Gen.Int[1, 50]).Sample((messages, step) =>
        {
            var sent = messages.SelectMany(message => Encoding.ASCII.GetBytes($"*3\r\n$7\r\nmessage\r\n${message.Item1.Length}\r\n")
                .Concat(message.Item1).Concat(Encoding.ASCII.GetBytes($"\r\n${message.Item2.Length}\r\n")).Concat(message.Item2).Concat("\r\n"u8.ToArray())).ToArray();
            var (start, end, read) = (0, 0, 0);
            while (end < sent.Length)
            {
                end = Math.Min(sent.Length, end + step);
                while (SubscriberReply.TryRead(sent.AsSpan(start, end - start), out var reply, out var consumed))
                {
                    if (!reply.Text.SequenceEqual(messages[read].Item1) || !reply.Payload.SequenceEqual(messages[read].Item2)) return false;
                    (start, read) = (start + consumed, read + 1);
                }
            }
            return read == messages.Length && start == sent.Length;
        });

    [Fact]
    public void Noise_is_refused_or_waited_for_and_never_anything_else() =>
        Gen.OneOf(Gen.Byte.Array[0, 200], Gen.Char["*$:+-0123\r\nmessage"].Array[0, 60].Select(text => Encoding.ASCII.GetBytes(text))).Sample(noise =>
        {
            try
            {
                if (SubscriberReply.TryRead(noise, out _, out var consumed)) Assert.InRange(consumed, 3, noise.Length);
            }
            catch (InvalidDataException) { }
        });
}
