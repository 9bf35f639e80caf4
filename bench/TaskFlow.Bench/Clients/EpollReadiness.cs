using System.Buffers.Binary;
using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace TaskFlow.Bench.Clients;

/// <summary>
/// By epoll, level-triggered, on one thread of its own: one read for each delivery, and one wait for all that are ready. A generator that costs more
/// than the server measures itself; epoll(7), and the layout of its events in the kernel's <c>eventpoll.h</c>.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed partial class EpollReadiness : Readiness
{
    private const int EventsAtOnce = 512;
    private const int CloseOnExec = 0x80000;
    private const int Add = 1;
    private const int Remove = 2;
    private const uint Readable = 1;
    private const int Interrupted = 4;

    /// <summary>The event is packed on x86 alone; elsewhere its data is aligned.</summary>
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86 ? 12 : 16;

    private readonly int _epoll;
    private readonly Lock _growing = new();

    /// <summary>By file descriptor. One that was closed and is used again gets at worst a call without anything to read.</summary>
    private Subscriber?[] _subscribers = new Subscriber?[1024];

    public EpollReadiness()
    {
        _epoll = epoll_create1(CloseOnExec);
        if (_epoll < 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
        new Thread(Run) { IsBackground = true, Name = "clients" }.Start();
    }

    public override void Watch(Subscriber subscriber, Socket socket)
    {
        var descriptor = (int)socket.Handle;
        lock (_growing)
        {
            if (descriptor >= _subscribers.Length)
            {
                var larger = new Subscriber?[Math.Max(descriptor + 1, _subscribers.Length * 2)];
                _subscribers.CopyTo(larger, 0);
                Volatile.Write(ref _subscribers, larger);
            }
            Volatile.Write(ref _subscribers[descriptor], subscriber);
        }
        Control(Add, descriptor);
    }

    private void Run()
    {
        Span<byte> events = new byte[EventsAtOnce * EventSize];
        while (true)
        {
            var count = epoll_wait(_epoll, ref MemoryMarshal.GetReference(events), EventsAtOnce, -1);
            if (count < 0 && Marshal.GetLastPInvokeError() != Interrupted) throw new Win32Exception(Marshal.GetLastPInvokeError());
            for (var i = 0; i < count; i++)
            {
                var descriptor = (int)BinaryPrimitives.ReadInt64LittleEndian(events[((i * EventSize) + EventSize - 8)..]);
                if (Volatile.Read(ref _subscribers)[descriptor] is { } subscriber && !subscriber.OnReadable()) Forget(descriptor, subscriber);
            }
        }
    }

    /// <summary>What is closed has left by itself; what is open and no longer read must be taken out.</summary>
    private void Forget(int descriptor, Subscriber subscriber)
    {
        lock (_growing)
        {
            if (_subscribers[descriptor] != subscriber) return;
            _subscribers[descriptor] = null;
        }
        if (subscriber.IsOpen) Control(Remove, descriptor);
    }

    private void Control(int operation, int descriptor)
    {
        Span<byte> @event = stackalloc byte[EventSize];
        @event.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(@event, Readable);
        BinaryPrimitives.WriteInt64LittleEndian(@event[^8..], descriptor);
        if (epoll_ctl(_epoll, operation, descriptor, ref MemoryMarshal.GetReference(@event)) < 0 && operation == Add) throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int epoll, int operation, int descriptor, ref byte @event);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(int epoll, ref byte events, int count, int milliseconds);
}
