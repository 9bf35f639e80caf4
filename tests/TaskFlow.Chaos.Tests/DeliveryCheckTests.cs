using TaskFlow.Testing;

namespace TaskFlow.Chaos.Tests;

/// <summary>The check itself must be able to fail.</summary>
public sealed class DeliveryCheckTests
{
    [Fact]
    public void A_whole_log_in_order_is_perfect() => Assert.True(DeliveryCheck.Of([3, 4, 5], after: 2, head: 5).IsPerfect);

    [Theory]
    [InlineData(new long[] { 3, 5 }, 1, 0, 0)]
    [InlineData(new long[] { 3, 4, 4, 5 }, 0, 1, 0)]
    [InlineData(new long[] { 3, 5, 4 }, 0, 0, 1)]
    [InlineData(new long[] { }, 3, 0, 0)]
    public void Loss_doubles_and_wrong_order_are_counted(long[] seqs, int lost, int doubled, int outOfOrder) =>
        Assert.Equal(new DeliveryCheck(3, lost, doubled, outOfOrder), DeliveryCheck.Of(seqs, after: 2, head: 5));
}
