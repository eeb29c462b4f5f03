# %% [markdown]
# # Which sentences merge between two thresholds?
# One tree holds every cut. Here it is built once, cut twice, and asked what became one in between.

# %%
import embkit

run = embkit.run(
    None,  # the bundled sentences
    "agglomerative:metric=cosine,linkage=complete,distance_threshold=0.6",
    validators=["threshold-diff:to=0.7,show=3", "thresholds"],
    visualizers=["dendrogram:to=0.7", "threshold-curve:to=0.7"],
    seed=0,
)
run  # in a notebook, the summary

# %% [markdown]
# The ledger says it in words; `tables["merge-members"]` has every row of it.

# %%
print("\n".join(run.validations["threshold-diff"].notes))

# %% [markdown]
# Heights above 1 are right: cosine distance is 1 - cos, so they are obtuse angles. Whether 0.6 is near
# or far depends on the model: the curve shows it beside the distance of random pairs.

# %%
run.figures["threshold-curve"]

# %%
run.figures["dendrogram"]
