"""The literature behind each method, once."""

from __future__ import annotations

from typing import Final

REFERENCES: Final = {
    "benjamini_hochberg": (
        "Benjamini, Y., & Hochberg, Y. (1995). Controlling the false discovery rate: A practical and powerful approach to"
        " multiple testing. Journal of the Royal Statistical Society B, 57(1), 289-300."
    ),
    "binder": (
        "Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex surveys. International "
        "Statistical Review, 51(3), 279-292."
    ),
    "cliff": (
        "Cliff, N. (1993). Dominance statistics: Ordinal analyses to answer ordinal questions. Psychological Bulletin, "
        "114(3), 494-509."
    ),
    "cohen": "Cohen, J. (1988). Statistical power analysis for the behavioral sciences (2nd ed.). Erlbaum.",
    "cronbach_1951": (
        "Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests. Psychometrika, 16(3), 297-334."
    ),
    "cronbach_1955": (
        "Cronbach, L. J. (1955). Processes affecting scores on understanding of others and assumed similarity. "
        "Psychological Bulletin, 52(3), 177-193."
    ),
    "cronin_taylor": (
        "Cronin, J. J., & Taylor, S. A. (1992). Measuring service quality: A reexamination and extension. Journal of "
        "Marketing, 56(3), 55-68."
    ),
    "davison_hinkley": (
        "Davison, A. C., & Hinkley, D. V. (1988). Saddlepoint approximations in resampling methods. Biometrika, 75(3), 417-431."
    ),
    "deming_stephan": (
        "Deming, W. E., & Stephan, F. F. (1940). On a least squares adjustment of a sampled frequency table when the "
        "expected marginal totals are known. Annals of Mathematical Statistics, 11(4), 427-444."
    ),
    "edwards_parry": (
        "Edwards, J. R., & Parry, M. E. (1993). On the use of polynomial regression equations as an alternative to "
        "difference scores in organizational research. Academy of Management Journal, 36(6), 1577-1613."
    ),
    "efron": (
        "Efron, B. (1987). Better bootstrap confidence intervals. Journal of the American Statistical Association, "
        "82(397), 171-185."
    ),
    "fay_herriot": (
        "Fay, R. E., & Herriot, R. A. (1979). Estimates of income for small places: An application of James-Stein "
        "procedures to census data. Journal of the American Statistical Association, 74(366), 269-277."
    ),
    "feldt": (
        "Feldt, L. S. (1965). The approximate sampling distribution of Kuder-Richardson reliability coefficient twenty. "
        "Psychometrika, 30(3), 357-370."
    ),
    "hedges": (
        "Hedges, L. V. (1981). Distribution theory for Glass's estimator of effect size and related estimators. Journal "
        "of Educational Statistics, 6(2), 107-128."
    ),
    "holm": (
        "Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics, "
        "6(2), 65-70."
    ),
    "horn": (
        "Horn, J. L. (1965). A rationale and test for the number of factors in factor analysis. Psychometrika, 30(2), 179-185."
    ),
    "kaplan_meier": (
        "Kaplan, E. L., & Meier, P. (1958). Nonparametric estimation from incomplete observations. Journal of the "
        "American Statistical Association, 53(282), 457-481."
    ),
    "kish": "Kish, L. (1965). Survey sampling. Wiley.",
    "korn_graubard": (
        "Korn, E. L., & Graubard, B. I. (1998). Confidence intervals for proportions with small expected number of "
        "positive counts estimated from survey data. Survey Methodology, 24(2), 193-201."
    ),
    "lakens": (
        "Lakens, D. (2013). Calculating and reporting effect sizes to facilitate cumulative science: A practical primer "
        "for t-tests and ANOVAs. Frontiers in Psychology, 4, 863."
    ),
    "lumley": "Lumley, T. (2004). Analysis of complex survey samples. Journal of Statistical Software, 9(8), 1-19.",
    "mcdonald": "McDonald, R. P. (1999). Test theory: A unified treatment. Erlbaum.",
    "meade_craig": (
        "Meade, A. W., & Craig, S. B. (2012). Identifying careless responses in survey data. Psychological Methods, "
        "17(3), 437-455."
    ),
    "mogstad": (
        "Mogstad, M., Romano, J. P., Shaikh, A. M., & Wilhelm, D. (2024). Inference for ranks with applications to "
        "mobility across neighbourhoods and academic achievement across countries. Review of Economic Studies, 91(1), "
        "476-518."
    ),
    "newcombe": (
        "Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions: Comparison of "
        "eleven methods. Statistics in Medicine, 17(8), 873-890."
    ),
    "paule_mandel": (
        "Paule, R. C., & Mandel, J. (1982). Consensus values and weighting factors. Journal of Research of the National "
        "Bureau of Standards, 87(5), 377-385."
    ),
    "peter": (
        "Peter, J. P., Churchill, G. A., & Brown, T. J. (1993). Caution in the use of difference scores in consumer "
        "research. Journal of Consumer Research, 19(4), 655-662."
    ),
    "pratt": (
        "Pratt, J. W. (1959). Remarks on zeros and ties in the Wilcoxon signed rank procedures. Journal of the American "
        "Statistical Association, 54(287), 655-667."
    ),
    "pzb_1985": (
        "Parasuraman, A., Zeithaml, V. A., & Berry, L. L. (1985). A conceptual model of service quality and its "
        "implications for future research. Journal of Marketing, 49(4), 41-50."
    ),
    "pzb_1988": (
        "Parasuraman, A., Zeithaml, V. A., & Berry, L. L. (1988). SERVQUAL: A multiple-item scale for measuring consumer "
        "perceptions of service quality. Journal of Retailing, 64(1), 12-40."
    ),
    "pzb_1991": (
        "Parasuraman, A., Berry, L. L., & Zeithaml, V. A. (1991). Refinement and reassessment of the SERVQUAL scale. "
        "Journal of Retailing, 67(4), 420-450."
    ),
    "pzb_1994": (
        "Parasuraman, A., Zeithaml, V. A., & Berry, L. L. (1994). Alternative scales for measuring service quality: A "
        "comparative assessment based on psychometric and diagnostic criteria. Journal of Retailing, 70(3), 201-230."
    ),
    "rao_wu": (
        "Rao, J. N. K., & Wu, C. F. J. (1988). Resampling inference with complex survey data. Journal of the American "
        "Statistical Association, 83(401), 231-241."
    ),
    "reichheld": "Reichheld, F. F. (2003). The one number you need to grow. Harvard Business Review, 81(12), 46-54.",
    "rocks": "Rocks, B. (2016). Interval estimation for the Net Promoter Score. The American Statistician, 70(4), 365-372.",
    "rubin": "Rubin, D. B. (1987). Multiple imputation for nonresponse in surveys. Wiley.",
    "schuirmann": (
        "Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the power approach for assessing"
        " the equivalence of average bioavailability. Journal of Pharmacokinetics and Biopharmaceutics, 15(6), 657-680."
    ),
    "shanock": (
        "Shanock, L. R., Baran, B. E., Gentry, W. A., Pattison, S. C., & Heggestad, E. D. (2010). Polynomial regression "
        "with response surface analysis: A powerful approach for examining moderation and overcoming limitations of "
        "difference scores. Journal of Business and Psychology, 25(4), 543-554."
    ),
    "student": "Student (1908). The probable error of a mean. Biometrika, 6(1), 1-25.",
    "welch": (
        "Welch, B. L. (1947). The generalization of 'Student's' problem when several different population variances are "
        "involved. Biometrika, 34(1-2), 28-35."
    ),
    "wilcoxon": "Wilcoxon, F. (1945). Individual comparisons by ranking methods. Biometrics Bulletin, 1(6), 80-83.",
    "wilson": (
        "Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. Journal of the "
        "American Statistical Association, 22(158), 209-212."
    ),
    "zbp_1988": (
        "Zeithaml, V. A., Berry, L. L., & Parasuraman, A. (1988). Communication and control processes in the delivery of "
        "service quality. Journal of Marketing, 52(2), 35-48."
    ),
    "zbp_1993": (
        "Zeithaml, V. A., Berry, L. L., & Parasuraman, A. (1993). The nature and determinants of customer expectations of"
        " service. Journal of the Academy of Marketing Science, 21(1), 1-12."
    ),
}

# By the slug of a gap or of a table.
BEHIND: Final = {
    "knowledge": ("pzb_1985", "zbp_1988", "welch"),
    "standards": ("pzb_1985", "zbp_1988", "welch"),
    "delivery": ("pzb_1985", "zbp_1988"),
    "communication": ("pzb_1985", "zbp_1988", "kaplan_meier"),
    "customer": ("pzb_1985", "pzb_1988"),
    "company": ("welch",),
    "chain": ("pzb_1985", "zbp_1988", "rao_wu"),
    "tolerance": ("zbp_1993", "pzb_1994"),
    "accuracy": ("cronbach_1955",),
    "paired-tests": ("student", "wilcoxon", "pratt", "schuirmann", "lakens", "hedges", "cliff"),
    "paper-items": ("pzb_1988", "student", "wilcoxon", "pratt", "cohen"),
    "paper-dimensions": ("pzb_1988", "student", "wilcoxon", "pratt", "cronbach_1951", "peter"),
    "paper-scores": ("pzb_1988", "cronin_taylor"),
    "nps": ("reichheld", "rocks"),
    "csat": ("wilson", "korn_graubard"),
    "gap-ranks": ("mogstad",),
    "plan": ("cohen",),
    "reliability": ("cronbach_1951", "feldt", "mcdonald", "peter"),
    "item-analysis": ("cronbach_1951",),
    "factors": ("horn",),
    "careless": ("meade_craig",),
    "missing-sensitivity": ("rubin",),
    "quality": ("cronbach_1951", "feldt", "mcdonald", "peter", "meade_craig"),
    "guard-rails": ("peter", "edwards_parry", "cronin_taylor"),
    "response-surface": ("edwards_parry", "shanock"),
    "surface-models": ("edwards_parry",),
    "raking": ("deming_stephan",),
    "differences": ("binder", "lumley"),
}
