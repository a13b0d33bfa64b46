"""What customers say when they make contact: sentences of our own, by reason, from very bad to very good."""

from __future__ import annotations

from typing import Final

# By reason, five lists: sentiment very bad, bad, neither, good, very good.
SAYINGS: Final = {
    "where is my parcel": (
        ("Nobody can tell me where it is, and that is a terrible way to treat people.", "Awful. The tracking is useless."),
        ("The map has not moved since Monday, which is annoying.", "I am worried that my parcel is lost."),
        ("Where is my parcel now?", "On which day does it come?"),
        ("Thanks, the link works now.", "Good to know that it is on its way."),
        ("Great, you found it at once. Thank you very much!", "Excellent help, I am very happy."),
    ),
    "late parcel": (
        ("It is days late again and I am really angry.", "The worst delivery I ever had. Never again."),
        ("It was promised for yesterday, and I am disappointed.", "The delay is a problem for my shop."),
        ("It has not come yet. Which day is it now?", "What is the new day of delivery?"),
        ("It came late, but thanks for the honest answer.", "Fine, tomorrow is good enough."),
        ("Late, but your driver was wonderful. Thank you!", "Great how quickly you put this right."),
    ),
    "change of address": (
        ("You sent it to the wrong address twice, which is horrible.", "Changing an address with you is awful, I hate it."),
        ("I could not change the address, and that is frustrating.", "The form for a new address is bad."),
        ("How do I change the address of an order?", "We move next week. What do you need?"),
        ("Thanks, the new address is in.", "That was easy, good."),
        ("Perfect, changed in a minute. Great service!", "Very friendly and quick, I love it."),
    ),
    "damaged parcel": (
        ("The box was crushed and all in it is broken. This is outrageous and I am furious.", "Terrible. It came destroyed."),
        ("One corner is damaged, and I am not happy.", "It came wet, which is a pity."),
        ("The parcel has a dent. What do I do?", "How do I claim for a parcel?"),
        ("Only the wrapping was hurt, the rest is fine. Thanks.", "Good that you answer so soon."),
        ("A new one came the next day. Excellent, thank you!", "Wonderful, you made it good at once."),
    ),
    "invoice": (
        ("I was charged twice and nobody cares. This is a disgrace.", "Your bills are awful and wrong every time."),
        ("The invoice is wrong.", "I am unhappy with this charge."),
        ("Where do I find the invoice?", "We need the bill for March again."),
        ("Thanks, the invoice is here.", "Good, the sum is right now."),
        ("Brilliant, the money was back the same day. Thanks!", "Very kind and very helpful, great."),
    ),
    "other": (
        ("I am sick of waiting. Your service is horrible.", "Rude staff, terrible shop, bad day."),
        ("The opening hours are bad for me.", "I am a little disappointed with the app."),
        ("Are you open on Saturday?", "Do you ship to islands?"),
        ("Thanks for the answer.", "Nice shop, keep it so."),
        ("Lovely people at the counter, thank you so much!", "I am delighted, the best service in town."),
    ),
}
