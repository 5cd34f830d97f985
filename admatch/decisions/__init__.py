"""Evidence → one decision a term, with its reason; and the set of them that pays best.

Guard-rails hold for every decision:

1. A term with an order in any ad group is never negated, except to isolate it: then its exact
   keyword runs in another ad group.
2. Brands, names and ASINs of one's own products and protected words are never negated; plurals
   count as their singulars.
3. A term that a product strongly matches is watched, not negated, while its clicks are few. Any
   other term needs three clicks, or is almost certainly about none of one's own products.
4. A negative phrase rests on several wasteful terms, and blocks no term that sold, no active
   keyword and no title of one's own.
5. The sales that the changes of a run are expected to lose, beyond what the freed spend is worth,
   are a small share of all sales; so are those lost by negations in each campaign. If the backtest
   fails, nothing is written for upload.
6. Clicks of the last three days count for no negation; older ones count by how many of their
   orders are known.
7. Without a known currency, attribution window and period nothing is written for upload.
8. What is written for upload carries IDs, the state before and where it comes from, and has a file
   that undoes it; what an earlier run changed is left alone until its effect can be seen.
9. Cell text is data: no text of a report becomes a formula in a file.
10. Each change gains more than a click costs, and more than 0.1 % of the spend, at the target. Only
    changes that can be written for upload are chosen; what is left out is counted apart. A bid is
    lowered where the pooled evidence of its targeting, or of its ad group, is above the target with
    90 %.
11. What is freed in a campaign that runs out of its daily budget is spent there again: a change
    counts with what that brings.
12. A negative in force is archived only where what it blocks sold within its target, or is almost
    certainly what its place advertises, and where no exact keyword elsewhere serves the term.

``guard_rails.GuardRails`` has the figures of 1 to 5; whoever loosens one is warned in every output.
"""
